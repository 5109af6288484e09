package redis

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
)

// ttl outlives the run: no key may expire while rates are measured.
const ttl = 20 * time.Minute

// pipelined is how many commands are in a pipeline. Of the sizes in use, this was Redis' best.
const pipelined = 500

// beater sends heartbeats of all participants to Presence.
type beater struct {
	api    *load.API
	people *people
	bodies [][]byte
}

func newBeater(api *load.API, p *people, device string) *beater {
	b := &beater{api: api, people: p}
	for _, ids := range p.batches {
		b.bodies = append(b.bodies, load.BeatBody(ids, device, "online"))
	}
	return b
}

// all sends a heartbeat of each participant.
func (b *beater) all(ctx context.Context) error {
	return contest.All(ctx, len(b.bodies), func(ctx context.Context, i int) error {
		return b.api.Beat(ctx, b.bodies[i], len(b.people.batches[i]))
	})
}

func (b *beater) saturate(ctx context.Context, each time.Duration) (int64, error) {
	return contest.Saturate(ctx, each, func(ctx context.Context, i int) (int, error) {
		i %= len(b.bodies)
		return len(b.people.batches[i]), b.api.Beat(ctx, b.bodies[i], len(b.people.batches[i]))
	})
}

// pace is how many requests a second paced sends.
const pace = 100

// paced sends heartbeats of all participants at the pace, and returns which share of it was kept.
func (b *beater) paced(ctx context.Context, each time.Duration) (done int64, share float64, err error) {
	var sent, answered atomic.Int64
	var failed atomic.Pointer[error]
	begun := time.Now()
	load.Schedule{Rate: pace, Workers: contest.Parallel, Do: func(ctx context.Context, i int64, _ time.Time) {
		batch := int(i) % len(b.bodies)
		if err := b.api.Beat(ctx, b.bodies[batch], len(b.people.batches[batch])); err != nil {
			failed.Store(&err)
			return
		}
		answered.Add(1)
		sent.Add(int64(len(b.people.batches[batch])))
	}}.Run(ctx, each, load.NewRecorder())
	if e := failed.Load(); e != nil {
		err = *e
	}
	return sent.Load(), kept(answered.Load(), each, time.Since(begun)), err
}

// kept is the share of the pace that was kept. A schedule that falls behind catches up after its
// end: all requests are answered then, but not at the pace.
func kept(requests int64, each, took time.Duration) float64 {
	return float64(requests) / (pace * max(each, took).Seconds())
}

// once has beat send a heartbeat of each participant, batch by batch.
func once(ctx context.Context, p *people, beat func(context.Context, []string) error) error {
	return contest.All(ctx, len(p.batches), func(ctx context.Context, i int) error { return beat(ctx, p.batches[i]) })
}

// pipeline sends the command that add gives for each of ids, in pipelines of 500.
func (s *store) pipeline(ctx context.Context, what string, ids []string, add func(redis.Pipeliner, string)) error {
	for part := range slices.Chunk(ids, pipelined) {
		if _, err := s.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, id := range part {
				add(p, id)
			}
			return nil
		}); err != nil {
			return fmt.Errorf("redis: %s: %w", what, err)
		}
	}
	return nil
}

// set keeps a heartbeat of each of ids as a string that expires.
func (s *store) set(ctx context.Context, ids []string, ttl time.Duration) error {
	return s.pipeline(ctx, "SET", ids, func(p redis.Pipeliner, id string) { p.Set(ctx, id, "online", ttl) })
}

// strings keeps a heartbeat of each of ids as a string that outlives the run.
func (s *store) strings(ctx context.Context, ids []string) error { return s.set(ctx, ids, ttl) }

// lastSeen is the sorted set of last signs of life.
const lastSeen = "last-seen"

// seen notes a sign of life of each of ids in the sorted set.
func (s *store) seen(ctx context.Context, ids []string) error {
	now := float64(time.Now().UnixMilli())
	return s.pipeline(ctx, "ZADD", ids, func(p redis.Pipeliner, id string) {
		p.ZAdd(ctx, lastSeen, redis.Z{Score: now, Member: id})
	})
}

// hashes keeps two devices of each of ids in a hash.
func (s *store) hashes(ctx context.Context, ids []string) error {
	_, err := s.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, id := range ids {
			p.HSet(ctx, id, contest.Device, "online", secondDevice, "online")
			p.Expire(ctx, id, ttl)
		}
		return nil
	})
	return err
}
