package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
)

// hpexpire keeps a heartbeat of a device of each of ids as a hash field that expires.
func (s *store) hpexpire(ctx context.Context, ids []string, device string, ttl time.Duration) error {
	return s.pipeline(ctx, "HSET and HPEXPIRE", ids, func(p redis.Pipeliner, id string) {
		p.HSet(ctx, id, device, "online")
		p.HPExpire(ctx, id, ttl, device)
	})
}

// hsetex does the same by one command, which fewer servers have.
func (s *store) hsetex(ctx context.Context, ids []string, device string, ttl time.Duration) error {
	o := &redis.HSetEXOptions{ExpirationType: redis.HSetEXExpirationPX, ExpirationVal: ttl.Milliseconds()}
	return s.pipeline(ctx, "HSETEX", ids, func(p redis.Pipeliner, id string) {
		p.HSetEXWithArgs(ctx, id, o, device, "online")
	})
}

// field keeps a heartbeat of the first device.
func (s *store) field(ctx context.Context, ids []string, ttl time.Duration) error {
	return s.hpexpire(ctx, ids, contest.Device, ttl)
}

// devices compares participants with two devices, on fresh servers.
func (r *run) devices(ctx context.Context) error {
	c, err := r.Node(ctx, "presence (two devices)", contest.Patient...)
	if err != nil {
		return err
	}
	defer c.Close()
	b := &both{cluster: c, pid: c.Nodes[0].PID(), api: load.NewAPI(c)}
	defer b.api.Close()
	ours, err := r.twoDevices(ctx, b)
	if err != nil {
		return err
	}
	return r.fields(ctx, b, ours)
}

// twoDevices compares the memory of two devices, and returns that of Presence.
func (r *run) twoDevices(ctx context.Context, b *both) (ours float64, err error) {
	defer r.Phase("memory of two devices", true, 0)()
	ours, err = r.memory(ctx, b.pid, func() error {
		return errors.Join(newBeater(b.api, r.people, contest.Device).all(ctx),
			newBeater(b.api, r.people, secondDevice).all(ctx))
	})
	if err != nil {
		return 0, err
	}
	s, err := r.store(ctx, "redis (two devices)")
	if err != nil {
		return 0, err
	}
	defer s.close()
	theirs, err := r.memory(ctx, s.pid, func() error { return once(ctx, r.people, s.hashes) })
	if err == nil {
		r.constant(report.TwoDevices, "B/participant", result.Lower, ours, "ids of 24 and 12 bytes, by HTTP")
		r.CompareOnce("memory of a participant with two devices (theirs: a hash)", "B/participant", result.Lower,
			ours, theirs, &result.Target{Op: "<", Value: 0.6})
	}
	return ours, err
}

// fields compares with a hash whose fields expire by themselves, if Redis has that: a device is a
// field, as it is here. ours is the memory of two devices.
func (r *run) fields(ctx context.Context, b *both, ours float64) (err error) {
	if b.store, err = r.store(ctx, "redis (fields)"); err != nil {
		return err
	}
	defer b.store.close()
	if !b.store.fields {
		r.Note("%s has no hash fields that expire by themselves: it isn't compared with them", b.store.product)
		return nil
	}
	if err := r.twoFields(ctx, b.store, ours); err != nil {
		return err
	}
	// without these events nobody would learn that a field has expired
	if err := b.store.send(ctx, sendOfHashes); err != nil {
		return err
	}
	return r.Alternate(ctx, b.pids(), r.fieldBeats(b), r.fieldFetches(b))
}

func (r *run) twoFields(ctx context.Context, s *store, ours float64) error {
	defer r.Phase("memory of two fields", true, 0)()
	theirs, err := r.memory(ctx, s.pid, func() error {
		return once(ctx, r.people, func(ctx context.Context, ids []string) error {
			return errors.Join(s.hpexpire(ctx, ids, contest.Device, ttl), s.hpexpire(ctx, ids, secondDevice, ttl))
		})
	})
	if err == nil {
		r.CompareOnce("memory of a participant with two devices (theirs: a hash whose fields expire)",
			"B/participant", result.Lower, ours, theirs, nil)
	}
	return err
}

func (r *run) fieldBeats(b *both) *contest.Work {
	beats := newBeater(b.api, r.people, contest.Device)
	w := &contest.Work{
		Name:   "heartbeats (POST /v1/heartbeats of 1,000; a hash field that expires, pipelined)",
		Ours:   func(ctx context.Context) (int64, error) { return beats.saturate(ctx, r.Each) },
		Theirs: []contest.Variant{{Name: "HPEXPIRE", Do: r.saturatingField(b.store.hpexpire)}},
	}
	if b.store.setex {
		w.Theirs = append(w.Theirs, contest.Variant{Name: "HSETEX", Do: r.saturatingField(b.store.hsetex)})
	}
	return w
}

func (r *run) saturatingField(
	beat func(ctx context.Context, ids []string, device string, ttl time.Duration) error,
) func(context.Context) (int64, error) {
	return r.saturating(func(ctx context.Context, ids []string) error { return beat(ctx, ids, contest.Device, ttl) })
}

func (r *run) fieldFetches(b *both) *contest.Work {
	f := newFetcher(b.api, r.people)
	return &contest.Work{
		Name: "ids fetched (POST /v1/presence/query of 1,000; HVALS pipelined)",
		Ours: func(ctx context.Context) (int64, error) { return f.saturate(ctx, r.Each) },
		Theirs: []contest.Variant{{Name: "HVALS", Do: r.saturating(func(ctx context.Context, ids []string) error {
			return b.store.hvals(ctx, ids, 2)
		})}},
	}
}

// hvals fetches all devices of each of ids, and checks how many there are.
func (s *store) hvals(ctx context.Context, ids []string, devices int) error {
	for part := range slices.Chunk(ids, pipelined) {
		found, err := s.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, id := range part {
				p.HVals(ctx, id)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("redis: HVALS: %w", err)
		}
		for i, cmd := range found {
			if n := len(cmd.(*redis.StringSliceCmd).Val()); n != devices {
				return fmt.Errorf("redis: HVALS: %s has %d devices, not %d", part[i], n, devices)
			}
		}
	}
	return nil
}
