package redis

import (
	"context"
	"fmt"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
)

// rates compares the memory of participants with one device, and then rates per CPU-second in
// rounds.
func (r *run) rates(ctx context.Context, link Link) error {
	c, err := r.Node(ctx, "presence", contest.Patient...)
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := r.store(ctx, "redis")
	if err != nil {
		return err
	}
	defer s.close()
	b := &both{c, c.Nodes[0].PID(), load.NewAPI(c), s}
	defer b.api.Close()
	beats := newBeater(b.api, r.people, contest.Device)
	if err := r.fill(ctx, b, beats); err != nil {
		return err
	}
	r.constant(report.BeatBytes, "B", result.Lower, float64(len(beats.bodies[0]))/float64(len(r.people.batches[0])),
		"of the bodies of requests of 1,000")
	works := []*contest.Work{r.heartbeats(b, beats), r.sortedSet(b, beats), r.fetches(b)}
	if err = r.Alternate(ctx, b.pids(), works...); err == nil {
		err = r.pacedBeats(ctx, b, beats)
	}
	if err == nil {
		err = r.deliveries(ctx, b)
	}
	if err != nil || link == nil {
		return err
	}
	return r.inside(ctx, link, works[0].Runs, works[2].Runs)
}

// pacedBeats measures what heartbeats cost at a pace, as in a deployment. With time between two
// requests they cost more than at saturation.
func (r *run) pacedBeats(ctx context.Context, b *both, beats *beater) error {
	defer r.Phase("heartbeats of Presence at a rate", false, r.Each)()
	least := 1.0
	m, err := contest.Measure(ctx, b.pid, func(ctx context.Context) (int64, error) {
		n, share, err := beats.paced(ctx, r.Each)
		least = min(least, share)
		return n, err
	})
	if err != nil {
		return err
	}
	r.behind(least)
	r.constant(report.BeatsCPU, "1/s", result.Higher, m.PerCPUSecond,
		"POST /v1/heartbeats of 1,000, a hundred of them a second")
	return nil
}

// keptEnough is the share of the requests due from which on a pace counts as kept.
const keptEnough = 0.9

// behind notes that the pace was not kept: the server was nearly saturated, or the load too slow.
func (r *run) behind(share float64) {
	if share < keptEnough {
		r.Note("heartbeats at a rate fell behind: %.0f %% of what was due was done in time, so %q is not of the pace "+
			"that it names", 100*share, report.BeatsCPU)
	}
}

// fill brings all participants to both servers, and compares the memory.
func (r *run) fill(ctx context.Context, b *both, beats *beater) error {
	defer r.Phase("memory of one device", true, 0)()
	ours, err := r.memory(ctx, b.pid, func() error { return beats.all(ctx) })
	if err != nil {
		return err
	}
	theirs, err := r.memory(ctx, b.store.pid, func() error { return once(ctx, r.people, b.store.strings) })
	if err != nil {
		return err
	}
	r.constant(report.OneDevice, "B/participant", result.Lower, ours, "ids of 24 and 12 bytes, by HTTP")
	r.CompareOnce("memory of a participant (theirs: a string)", "B/participant", result.Lower, ours, theirs,
		&result.Target{Op: "<", Value: 0.6})
	return once(ctx, r.people, b.store.seen)
}

// saturating returns a measurement that repeats beat, batch by batch.
func (r *run) saturating(beat func(context.Context, []string) error) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		return contest.Saturate(ctx, r.Each, func(ctx context.Context, i int) (int, error) {
			ids := r.people.batches[i%len(r.people.batches)]
			return len(ids), beat(ctx, ids)
		})
	}
}

func (r *run) heartbeats(b *both, beats *beater) *contest.Work {
	return &contest.Work{
		Name:   "heartbeats (POST /v1/heartbeats of 1,000; SET pipelined)",
		Target: &result.Target{Op: ">=", Value: 2},
		Ours:   func(ctx context.Context) (int64, error) { return beats.saturate(ctx, r.Each) },
		Theirs: []contest.Variant{{Name: "SET", Do: r.saturating(b.store.strings)}},
	}
}

func (r *run) sortedSet(b *both, beats *beater) *contest.Work {
	return &contest.Work{
		Name:   "heartbeats for a poller (POST /v1/heartbeats of 1,000; ZADD pipelined)",
		Ours:   func(ctx context.Context) (int64, error) { return beats.saturate(ctx, r.Each) },
		Theirs: []contest.Variant{{Name: "ZADD", Do: r.saturating(b.store.seen)}},
	}
}

func (r *run) fetches(b *both) *contest.Work {
	f := newFetcher(b.api, r.people)
	w := &contest.Work{
		Name:   "ids fetched (POST /v1/presence/query of 1,000; MGET)",
		Target: &result.Target{Op: ">=", Value: 1.5},
		Ours:   func(ctx context.Context) (int64, error) { return f.saturate(ctx, r.Each) },
	}
	for _, size := range []int{100, 1000} {
		w.Theirs = append(w.Theirs, contest.Variant{
			Name: fmt.Sprintf("MGET of %d", size),
			Do: func(ctx context.Context) (int64, error) {
				return b.store.saturateMGet(ctx, r.people, size, r.Each)
			},
		})
	}
	return w
}

// deliveries compares deliveries of one change at a time, and of ten.
func (r *run) deliveries(ctx context.Context, b *both) error {
	for _, n := range []int{1, 10} {
		if err := r.delivery(ctx, b, n); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) delivery(ctx context.Context, b *both, changes int) error {
	watched := r.people.batches[0][:changes]
	// all are online, so that the first flip is a change
	if err := b.api.Beat(ctx, load.BeatBody(watched, contest.Device, "online"), len(watched)); err != nil {
		return err
	}
	ours, err := contest.Watch(ctx, b.cluster, r.Subscribers, watched)
	if err != nil {
		return err
	}
	defer ours.Close()
	theirs, err := b.store.subscribe(ctx, r.Subscribers, watched)
	if err != nil {
		return err
	}
	defer theirs.close()
	flips := 0
	w := &contest.Work{
		Name: fmt.Sprintf("deliveries, %d at a time to %d (WebSocket; pub/sub)", changes, r.Subscribers),
		Ours: func(ctx context.Context) (int64, error) {
			return ours.Repeat(ctx, r.Each, changes, func() error {
				flips++
				return ours.Flip(ctx, b.api, flips-1)
			})
		},
		Theirs: []contest.Variant{{Name: "PUBLISH", Do: func(ctx context.Context) (int64, error) {
			return theirs.Repeat(ctx, r.Each, changes, func() error { return theirs.publish(ctx, b.store) })
		}}},
	}
	if err := r.Alternate(ctx, b.pids(), w); err != nil || changes > 1 {
		return err
	}
	r.constant(report.DeliveriesCPU, "1/s", result.Higher, w.Median(), "to subscribers by WebSocket")
	r.constant(report.DeliveryBytes, "B", result.Lower, ours.Bytes(),
		"of WebSocket messages with one change each, without TCP")
	return nil
}
