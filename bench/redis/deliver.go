package redis

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// audience is many listeners who are told the same.
type audience struct {
	size   int
	heard  atomic.Int64  // changes, by all listeners together
	wanted atomic.Int64  // what heard must reach
	all    chan struct{} // one slot: heard has reached wanted
}

func newAudience(size int) *audience { return &audience{size: size, all: make(chan struct{}, 1)} }

// hear counts n changes.
func (a *audience) hear(n int) {
	if a.heard.Add(int64(n)) >= a.wanted.Load() {
		select {
		case a.all <- struct{}{}:
		default:
		}
	}
}

// round calls change, and waits until each listener has heard the n changes that it makes. It
// returns the number of deliveries.
func (a *audience) round(ctx context.Context, n int, change func() error) (int, error) {
	more := int64(n * a.size)
	a.wanted.Add(more)
	if err := change(); err != nil {
		return 0, err
	}
	for a.heard.Load() < a.wanted.Load() {
		select {
		case <-a.all:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(deliveryWait):
			return 0, fmt.Errorf("%d deliveries are missing after %v", a.wanted.Load()-a.heard.Load(), deliveryWait)
		}
	}
	return int(more), nil
}

const deliveryWait = 10 * time.Second

// repeat makes rounds until each is over, and returns the number of deliveries.
func (a *audience) repeat(ctx context.Context, each time.Duration, n int, change func() error) (int64, error) {
	var total int64
	for until := time.Now().Add(each); time.Now().Before(until); {
		told, err := a.round(ctx, n, change)
		if err != nil {
			return total, err
		}
		total += int64(told)
	}
	return total, nil
}

// viewers are an audience of Presence, on WebSockets.
type viewers struct {
	*audience
	watched []string
	bytes   atomic.Int64 // of the messages, with the heads of their frames
	end     func()
	staying sync.WaitGroup
}

// watch connects viewers, each of whom watches ids, and waits for all their snapshots.
func watch(ctx context.Context, c *target.Cluster, size int, ids []string) (*viewers, error) {
	v := &viewers{audience: newAudience(size), watched: ids}
	ctx, v.end = context.WithCancel(ctx)
	records := load.NewRecorder()
	_, err := v.round(ctx, len(ids), func() error {
		for i := range size {
			one := &load.Visitor{
				Cluster: c, Records: records, Token: load.ID("viewer", i), More: load.Subscribe(ids),
				Shown: v.see,
			}
			v.staying.Go(func() { one.Stay(ctx, time.Now()) })
		}
		return nil
	})
	if err != nil {
		v.close()
		return nil, fmt.Errorf("%d viewers: %w", size, err)
	}
	return v, nil
}

// see counts the states in a message.
func (v *viewers) see(m []byte) {
	v.bytes.Add(int64(len(m) + frameHead))
	v.hear(bytes.Count(m, onlineMark) + bytes.Count(m, idleMark) + bytes.Count(m, offlineMark))
}

// frameHead is how many bytes a frame of up to 125 bytes has before its text.
const frameHead = 2

func (v *viewers) close() {
	v.end()
	v.staying.Wait()
}

// flip makes all watched participants idle in even rounds and online in odd ones.
func (v *viewers) flip(ctx context.Context, api *load.API, round int) error {
	return api.Beat(ctx, load.BeatBody(v.watched, firstDevice, [...]string{"idle", "online"}[round%2]), len(v.watched))
}

// subscribers are an audience of Redis, on its channels.
type subscribers struct {
	*audience
	subs     []*redis.PubSub
	channels []string
	reading  sync.WaitGroup
}

// subscribe connects subscribers, each of all channels.
func (s *store) subscribe(ctx context.Context, size int, channels []string) (*subscribers, error) {
	a := &subscribers{audience: newAudience(size), subs: make([]*redis.PubSub, size), channels: channels}
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
		a.hear(1)
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
