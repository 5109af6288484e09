package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// oursGone measures Presence, which tells viewers on WebSockets.
func oursGone(ctx context.Context, o *Options, p *people, c *target.Cluster) ([]time.Duration, int, error) {
	api := load.NewAPI(c)
	defer api.Close()
	v := newVanish(o, p, func(ctx context.Context, ids []string) error {
		return api.Beat(ctx, load.BeatBody(ids, contest.Device, "online"), len(ids))
	})
	ctx, cancel := context.WithCancel(ctx)
	var staying sync.WaitGroup
	defer staying.Wait()
	defer cancel()
	for i, part := range slices.Collect(slices.Chunk(v.dying, load.MaxWatched)) {
		one := &load.Visitor{
			Cluster: c, Records: load.NewRecorder(), Token: load.ID("watcher", i),
			More: load.Subscribe(part), Shown: v.see,
		}
		staying.Go(func() { one.Stay(ctx, time.Now()) })
	}
	return v.run(ctx)
}

// see passes on which participants a message says are offline.
func (v *vanish) see(m []byte) {
	if load.IsSnapshot(m) {
		return
	}
	now := time.Now()
	load.EachState(m, func(id, state []byte) {
		if string(state) == "offline" {
			v.gone(string(id), now)
		}
	})
}

// eventsGone measures Redis with its events of what has expired.
func eventsGone(
	ctx context.Context, o *Options, p *people, s *store, event string,
	beat func(ctx context.Context, ids []string, ttl time.Duration) error,
) ([]time.Duration, int, error) {
	v := newVanish(o, p, func(ctx context.Context, ids []string) error { return beat(ctx, ids, o.deadline()) })
	sub := s.Subscribe(ctx, "__keyevent@0__:"+event)
	if _, err := sub.Receive(ctx); err != nil {
		return nil, 0, fmt.Errorf("redis: SUBSCRIBE: %w", err)
	}
	var reading sync.WaitGroup
	defer reading.Wait()
	defer sub.Close()
	reading.Go(func() {
		for {
			m, err := sub.ReceiveMessage(ctx)
			if err != nil {
				return
			}
			v.gone(m.Payload, time.Now())
		}
	})
	return v.run(ctx)
}

// sweepEvery is the poller's pause, as long as a tick of Presence.
const sweepEvery = 100 * time.Millisecond

// pollerGone measures Redis with a sorted set of last signs of life, and a poller that removes the
// ids past the deadline.
func pollerGone(ctx context.Context, o *Options, p *people, s *store) ([]time.Duration, int, error) {
	v := newVanish(o, p, s.seen)
	ctx, cancel := context.WithCancel(ctx)
	swept := make(chan error, 1)
	go func() { swept <- s.sweep(ctx, o.deadline(), v.gone) }()
	late, missing, err := v.run(ctx)
	cancel()
	if failed := <-swept; err == nil {
		err = failed
	}
	return late, missing, err
}

// sweep reads and removes the ids past the deadline in one transaction, so that no heartbeat
// between the two is lost.
func (s *store) sweep(ctx context.Context, deadline time.Duration, gone func(string, time.Time)) error {
	every := time.NewTicker(sweepEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		}
		until := strconv.FormatInt(time.Now().Add(-deadline).UnixMilli(), 10)
		var found *redis.StringSliceCmd
		_, err := s.TxPipelined(ctx, func(p redis.Pipeliner) error {
			found = p.ZRangeArgs(ctx, redis.ZRangeArgs{Key: lastSeen, Start: "-inf", Stop: until, ByScore: true})
			p.ZRemRangeByScore(ctx, lastSeen, "-inf", until)
			return nil
		})
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("redis: sweep: %w", err)
		}
		now := time.Now()
		for _, id := range found.Val() {
			gone(id, now)
		}
	}
}
