package scenario

import (
	"context"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Engine is the shard by itself: no network, no JSON.
type Engine struct {
	Participants int           `default:"1000000" placeholder:"N" help:"How many there are, with a device each."`
	Batch        int           `default:"512" placeholder:"N" help:"How many at a time."`
	Duration     time.Duration `default:"15s" placeholder:"TIME" help:"How long to measure: a third each for heartbeats by handle, heartbeats by name, and states."`
}

// Name is that of the subcommand.
func (s *Engine) Name() string { return "engine" }

// Validate is called by the command line.
func (s *Engine) Validate() error {
	return check(limit{"participants", float64(s.Participants), 1000, 100_000_000}, limit{"batch", float64(s.Batch), 1, 10_000},
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
	debug.FreeOSMemory()
	before, handles := r.Meter.RSS(result.Generator), make([]host.Handle, s.Participants)
	arriving := r.phase("participants arrive", true, 0)
	for i := range handles {
		if handles[i], _, _ = h.Attach(load.ID("participant", i), "device-00000", shard.ActivityOnline); ctx.Err() != nil {
			break
		}
	}
	arriving()
	debug.FreeOSMemory()
	r.figure(result.Figure{
		Name: "memory a participant", Unit: "B", Value: float64(r.Meter.RSS(result.Generator)-before) / float64(s.Participants), Better: result.Lower,
		Comment: "resident, of ids of 24 and 12 bytes; one copy, and 12 bytes of the generator's handle",
	})
	rand.Shuffle(len(handles), func(i, j int) { handles[i], handles[j] = handles[j], handles[i] })
	outcomes, states := make([]shard.Outcome, s.Batch), make([]shard.State, s.Batch)
	beats, names := s.batches()
	third := s.Duration / 3
	r.alone(ctx, "heartbeats by handle", third, s.Batch, func(i int) {
		at := i * s.Batch % max(1, len(handles)-s.Batch)
		n := min(s.Batch, len(handles))
		h.Touch(handles[at:at+n], outcomes[:n])
	})
	r.alone(ctx, "heartbeats by name", third, s.Batch, func(i int) { h.Heartbeats(beats[i%len(beats)], outcomes) })
	r.alone(ctx, "states", third, s.Batch, func(i int) { h.States("somebody", names[i%len(names)], states, shard.Unknown) })
	r.measuredAll()
	return nil
}

// batches are heartbeats and ids at random, made up before they are measured.
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

// effort is what was done, and the CPU-seconds that it took.
type effort struct{ done, servers, generator float64 }

// drive has parallel goroutines do something in a closed loop, size at a time: at saturation there is nothing to be late for.
func (r *Run) drive(ctx context.Context, what string, d time.Duration, size, parallel int, do func(i int)) (e effort) {
	r.measure(ctx, what, d, func(ctx context.Context) {
		servers, generator := r.Meter.CPU(result.Server), r.Meter.CPU(result.Generator)
		var next atomic.Int64
		var working sync.WaitGroup
		for range parallel {
			working.Go(func() {
				for end := time.Now().Add(d); ctx.Err() == nil && time.Now().Before(end); {
					due := time.Now()
					do(int(next.Add(1) - 1))
					r.Records.Offered(due, int64(size))
					r.Records.Done("batch of "+what, due, int64(size), nil)
				}
			})
		}
		working.Wait()
		e = effort{float64(next.Load()) * float64(size), r.Meter.CPU(result.Server) - servers, r.Meter.CPU(result.Generator) - generator}
	})
	return e
}

// alone drives what needs no server.
func (r *Run) alone(ctx context.Context, what string, d time.Duration, size int, do func(i int)) {
	e := r.drive(ctx, what, d, size, 1, do)
	r.figure(result.Figure{Name: what + " a CPU-second", Unit: "1/s", Value: e.done / e.generator, Better: result.Higher, Comment: "at saturation, the generator included"})
}
