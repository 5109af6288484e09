package redis

import (
	"context"
	"fmt"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// work is one thing that both sides do, in rounds.
type work struct {
	name   string
	ours   func(ctx context.Context) (int64, error)
	theirs []variant // the best of a round counts
	target *result.Target

	runs [][2]float64
}

// variant is one way to do a work on Redis.
type variant struct {
	name string
	do   func(ctx context.Context) (int64, error)
}

// both are the two servers, filled alike.
type both struct {
	cluster *target.Cluster
	pid     int
	api     *load.API
	store   *store
}

// rates compares the memory of participants with one device, and then rates per CPU-second in
// rounds.
func (r *run) rates(ctx context.Context, link Link) error {
	c, err := r.node(ctx, "presence", patient...)
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
	beats := newBeater(b.api, r.people, firstDevice)
	if err := r.fill(ctx, b, beats); err != nil {
		return err
	}
	r.constant(report.BeatBytes, "B", result.Lower, float64(len(beats.bodies[0]))/float64(len(r.people.batches[0])),
		"of the bodies of requests of 1,000")
	works := []*work{r.heartbeats(b, beats), r.sortedSet(b, beats), r.fetches(b)}
	if err = r.rounds(ctx, b, works); err == nil {
		err = r.pacedBeats(ctx, b, beats)
	}
	if err == nil {
		err = r.deliveries(ctx, b)
	}
	if err != nil || link == nil {
		return err
	}
	return r.inside(ctx, link, works[0].runs, works[2].runs)
}

// pacedBeats measures what heartbeats cost at a pace, as in a deployment. With time between two
// requests they cost more than at saturation.
func (r *run) pacedBeats(ctx context.Context, b *both, beats *beater) error {
	defer r.phase("heartbeats of Presence at a rate", false, r.Each)()
	least := 1.0
	m, err := measure(ctx, b.pid, func(ctx context.Context) (int64, error) {
		n, share, err := beats.paced(ctx, r.Each)
		least = min(least, share)
		return n, err
	})
	if err != nil {
		return err
	}
	r.behind(least)
	r.constant(report.BeatsCPU, "1/s", result.Higher, m.perCPUSecond,
		"POST /v1/heartbeats of 1,000, a hundred of them a second")
	return nil
}

// keptEnough is the share of the requests due from which on a pace counts as kept.
const keptEnough = 0.9

// behind notes that the pace was not kept: the server was nearly saturated, or the load too slow.
func (r *run) behind(share float64) {
	if share < keptEnough {
		r.note("heartbeats at a rate fell behind: %.0f %% of what was due was done in time, so %q is not of the pace "+
			"that it names", 100*share, report.BeatsCPU)
	}
}

// fill brings all participants to both servers, and compares the memory.
func (r *run) fill(ctx context.Context, b *both, beats *beater) error {
	defer r.phase("memory of one device", true, 0)()
	ours, err := r.memory(ctx, b.pid, func() error { return beats.all(ctx) })
	if err != nil {
		return err
	}
	theirs, err := r.memory(ctx, b.store.pid, func() error { return once(ctx, r.people, b.store.strings) })
	if err != nil {
		return err
	}
	r.constant(report.OneDevice, "B/participant", result.Lower, ours, "ids of 24 and 12 bytes, by HTTP")
	r.compareOnce("memory of a participant (Redis: a string)", "B/participant", result.Lower, ours, theirs,
		&result.Target{Op: "<", Value: 0.6})
	return once(ctx, r.people, b.store.seen)
}

// saturating returns a measurement that repeats beat, batch by batch.
func (r *run) saturating(beat func(context.Context, []string) error) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		return saturate(ctx, r.Each, func(ctx context.Context, i int) (int, error) {
			ids := r.people.batches[i%len(r.people.batches)]
			return len(ids), beat(ctx, ids)
		})
	}
}

func (r *run) heartbeats(b *both, beats *beater) *work {
	return &work{
		name:   "heartbeats (POST /v1/heartbeats of 1,000; SET pipelined)",
		target: &result.Target{Op: ">=", Value: 2},
		ours:   func(ctx context.Context) (int64, error) { return beats.saturate(ctx, r.Each) },
		theirs: []variant{{"SET", r.saturating(b.store.strings)}},
	}
}

func (r *run) sortedSet(b *both, beats *beater) *work {
	return &work{
		name:   "heartbeats for a poller (POST /v1/heartbeats of 1,000; ZADD pipelined)",
		ours:   func(ctx context.Context) (int64, error) { return beats.saturate(ctx, r.Each) },
		theirs: []variant{{"ZADD", r.saturating(b.store.seen)}},
	}
}

func (r *run) fetches(b *both) *work {
	f := newFetcher(b.api, r.people)
	w := &work{
		name:   "ids fetched (POST /v1/presence/query of 1,000; MGET)",
		target: &result.Target{Op: ">=", Value: 1.5},
		ours:   func(ctx context.Context) (int64, error) { return f.saturate(ctx, r.Each) },
	}
	for _, size := range []int{100, 1000} {
		w.theirs = append(w.theirs, variant{fmt.Sprintf("MGET of %d", size), func(ctx context.Context) (int64, error) {
			return b.store.saturateMGet(ctx, r.people, size, r.Each)
		}})
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
	if err := b.api.Beat(ctx, load.BeatBody(watched, firstDevice, "online"), len(watched)); err != nil {
		return err
	}
	ours, err := watch(ctx, b.cluster, r.Subscribers, watched)
	if err != nil {
		return err
	}
	defer ours.close()
	theirs, err := b.store.subscribe(ctx, r.Subscribers, watched)
	if err != nil {
		return err
	}
	defer theirs.close()
	flips := 0
	w := &work{
		name: fmt.Sprintf("deliveries, %d at a time to %d (WebSocket; pub/sub)", changes, r.Subscribers),
		ours: func(ctx context.Context) (int64, error) {
			return ours.repeat(ctx, r.Each, changes, func() error {
				flips++
				return ours.flip(ctx, b.api, flips-1)
			})
		},
		theirs: []variant{{"PUBLISH", func(ctx context.Context) (int64, error) {
			return theirs.repeat(ctx, r.Each, changes, func() error { return theirs.publish(ctx, b.store) })
		}}},
	}
	if err := r.rounds(ctx, b, []*work{w}); err != nil || changes > 1 {
		return err
	}
	r.constant(report.DeliveriesCPU, "1/s", result.Higher, oursOf(w.runs), "to subscribers by WebSocket")
	r.constant(report.DeliveryBytes, "B", result.Lower, float64(ours.bytes.Load())/float64(ours.heard.Load()),
		"of WebSocket messages with one change each, without TCP")
	return nil
}

// oursOf is the median of Presence's rounds.
func oursOf(runs [][2]float64) float64 {
	var all []float64
	for _, x := range runs {
		all = append(all, x[0])
	}
	return result.Median(all)
}

// rounds measures each work on both sides in turn, several times.
func (r *run) rounds(ctx context.Context, b *both, works []*work) error {
	for round := range r.Rounds {
		for _, w := range works {
			if err := r.round(ctx, b, w, round); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
	}
	for _, w := range works {
		r.compare(w.name, "1/s", result.Higher, "public", w.runs, w.target)
	}
	return nil
}

func (r *run) round(ctx context.Context, b *both, w *work, n int) error {
	defer r.phase(fmt.Sprintf("%s, round %d", w.name, n+1), false, r.Each)()
	ours, err := measure(ctx, b.pid, w.ours)
	if err != nil {
		return err
	}
	r.doubt("presence", w.name, ours)
	var best measured
	for _, v := range w.theirs {
		m, err := measure(ctx, b.store.pid, v.do)
		if err != nil {
			return err
		}
		if m.perCPUSecond > best.perCPUSecond {
			best = m
		}
	}
	r.doubt("redis", w.name, best)
	w.runs = append(w.runs, [2]float64{ours.perCPUSecond, best.perCPUSecond})
	return nil
}
