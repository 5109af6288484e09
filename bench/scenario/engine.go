package scenario

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Engine is the shard by itself: no network, no JSON.
type Engine struct {
	Participants int           `default:"1000000" placeholder:"N" help:"How many participants there are, with a device each."`
	Batch        int           `default:"512" placeholder:"N" help:"How many heartbeats or states at a time."`
	Duration     time.Duration `default:"15s" placeholder:"TIME" help:"How long to measure: a third each for heartbeats by handle, heartbeats by name, and states."`
}

// Name is that of the subcommand.
func (s *Engine) Name() string { return "engine" }

// Validate is called by the command line.
func (s *Engine) Validate() error {
	return check(limit{"participants", float64(s.Participants), 1000, 100_000_000},
		limit{"batch", float64(s.Batch), 1, 10_000},
		limit{"duration", s.Duration.Seconds(), 0.3, 86400})
}

const partitions = 4096 // as a node has by default

func (s *Engine) run(ctx context.Context, r *Run) error {
	h, err := host.New(host.Config{Partitions: partitions, Settings: host.DefaultSettings()})
	if err != nil {
		return err
	}
	h.Start()
	defer h.Close()
	handles, err := s.fill(ctx, r, h)
	if err != nil {
		return err
	}
	if err := s.speeds(ctx, r, h, handles); err != nil {
		return err
	}
	r.measuredAll()
	return nil
}

// fill attaches all participants, and adds the figure of their memory.
func (s *Engine) fill(ctx context.Context, r *Run, h *host.Host) ([]host.Handle, error) {
	defer r.phase("participants arrive", true, 0)()
	debug.FreeOSMemory()
	before, handles := r.Meter.RSS(result.Generator), make([]host.Handle, s.Participants)
	if err := arrive(ctx, h, handles); err != nil {
		return nil, err
	}
	debug.FreeOSMemory()
	s.memory(r, "memory a participant", float64(r.Meter.RSS(result.Generator)-before),
		"resident, of ids of 24 and 12 bytes; one copy, and 12 bytes of the generator's handle")
	b := h.Bytes()
	s.memory(r, "of that, participant and device", float64(b.Records), "")
	s.memory(r, "of that, names", float64(b.Names), "with their lengths")
	s.memory(r, "of that, index", float64(b.Index), "free cells included")
	s.memory(r, "of that, wheel", float64(b.Wheel), "")
	s.memory(r, "of that, free in pages", float64(b.Free), "")
	return handles, nil
}

// memory adds the figure of bytes a participant.
func (s *Engine) memory(r *Run, what string, bytes float64, comment string) {
	r.number(what, "B", result.Lower, bytes/float64(s.Participants), comment)
}

// speeds measures heartbeats by handle, heartbeats by name, and states, at random.
func (s *Engine) speeds(ctx context.Context, r *Run, h *host.Host, handles []host.Handle) error {
	rand.Shuffle(len(handles), func(i, j int) { handles[i], handles[j] = handles[j], handles[i] })
	outcomes, states := make([]shard.Outcome, s.Batch), make([]shard.State, s.Batch)
	beats, names := s.batches()
	third, size := s.Duration/3, min(s.Batch, s.Participants)
	for _, w := range []struct {
		what string
		size int
		do   func(i int) error
	}{
		{"heartbeats by handle", size, func(i int) error {
			at := i * size % max(1, len(handles)-size)
			h.Touch(handles[at:at+size], outcomes[:size])
			return done(outcomes[:size])
		}},
		{"heartbeats by name", s.Batch, func(i int) error {
			h.Heartbeats(beats[i%len(beats)], outcomes)
			return done(outcomes)
		}},
		{"states", s.Batch, func(i int) error {
			h.States("viewer", names[i%len(names)], states, shard.Unknown)
			return nil
		}},
	} {
		if err := r.alone(ctx, w.what, third, w.size, w.do); err != nil {
			return err
		}
	}
	return nil
}

// arrive attaches a device of each participant.
func arrive(ctx context.Context, h *host.Host, handles []host.Handle) error {
	for i := range handles {
		var o shard.Outcome
		handles[i], _, o = h.Attach(load.ID("participant", i), "device-00000", shard.ActivityOnline)
		if err := cmp.Or(ctx.Err(), done([]shard.Outcome{o})); err != nil {
			return err
		}
	}
	return nil
}

// done returns an error unless everything was done. Refusing is faster than doing, and would make a
// better figure.
func done(outcomes []shard.Outcome) error {
	for i, o := range outcomes {
		if o != shard.Done {
			return fmt.Errorf("the shard refused number %d of a batch of %d: outcome %d (%d is done)", i, len(outcomes),
				o, shard.Done)
		}
	}
	return nil
}

// batches makes heartbeats and ids at random, before anything is measured.
func (s *Engine) batches() (beats [][]host.Heartbeat, names [][]string) {
	for range max(1, min(s.Participants, 500_000)/s.Batch) {
		b, ids := make([]host.Heartbeat, s.Batch), make([]string, s.Batch)
		for i := range b {
			ids[i] = load.ID("participant", rand.IntN(s.Participants))
			b[i] = host.Heartbeat{Participant: ids[i], Device: "device-00000", Activity: shard.ActivityOnline}
		}
		beats, names = append(beats, b), append(names, ids)
	}
	return beats, names
}

// effort is what was done, and the CPU-seconds that it took the servers and the generator.
type effort struct{ done, servers, generator float64 }

// drive has parallel goroutines call do in a closed loop, for size items at a time: at saturation
// nothing is due, so nothing is late. The first error ends it.
func (r *Run) drive(ctx context.Context, what string, d time.Duration, size, parallel int,
	do func(i int) error,
) (e effort, err error) {
	r.measure(ctx, what, d, func(ctx context.Context) {
		servers, generator := r.Meter.CPU(result.Server), r.Meter.CPU(result.Generator)
		var next atomic.Int64
		working, ctx := errgroup.WithContext(ctx)
		end := time.Now().Add(d)
		for range parallel {
			working.Go(func() error {
				for ctx.Err() == nil && time.Now().Before(end) {
					due := time.Now()
					if err := do(int(next.Add(1) - 1)); err != nil {
						return err
					}
					r.Records.Offered(due, int64(size))
					r.Records.Done("batch of "+what, due, int64(size), nil)
				}
				return nil
			})
		}
		err = working.Wait()
		e = effort{
			float64(next.Load()) * float64(size), r.Meter.CPU(result.Server) - servers,
			r.Meter.CPU(result.Generator) - generator,
		}
	})
	return e, err
}

// alone drives what needs no server, and adds its figure.
func (r *Run) alone(ctx context.Context, what string, d time.Duration, size int, do func(i int) error) error {
	e, err := r.drive(ctx, what, d, size, 1, do)
	if err == nil {
		r.number(what+" a CPU-second", "1/s", result.Higher, e.done/e.generator,
			"at saturation, the generator included")
	}
	return err
}
