package redis

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/bench/contest"
)

// subscribers are an audience of Redis, on its channels.
type subscribers struct {
	*contest.Audience
	subs     []*redis.PubSub
	channels []string
	reading  sync.WaitGroup
}

// subscribe connects subscribers, each of all channels.
func (s *store) subscribe(ctx context.Context, size int, channels []string) (*subscribers, error) {
	a := &subscribers{Audience: contest.NewAudience(size), subs: make([]*redis.PubSub, size), channels: channels}
	g, dialing := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i := range size {
		g.Go(func() error {
			a.subs[i] = s.Subscribe(dialing, channels...)
			for range channels {
				if _, err := a.subs[i].Receive(dialing); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		a.close()
		return nil, err
	}
	for _, sub := range a.subs {
		a.reading.Go(func() { a.read(ctx, sub) })
	}
	return a, nil
}

// read counts what one of them is told.
func (a *subscribers) read(ctx context.Context, sub *redis.PubSub) {
	for {
		if _, err := sub.ReceiveMessage(ctx); err != nil {
			return
		}
		a.Hear(1)
	}
}

func (a *subscribers) close() {
	for _, sub := range a.subs {
		if sub != nil {
			_ = sub.Close()
		}
	}
	a.reading.Wait()
}

// publish sends a state to each channel, in one pipeline.
func (a *subscribers) publish(ctx context.Context, s *store) error {
	_, err := s.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, c := range a.channels {
			p.Publish(ctx, c, "online")
		}
		return nil
	})
	return err
}
