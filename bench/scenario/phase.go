package scenario

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
)

func (r *Run) now() float64 { return time.Since(r.started).Seconds() }

// phase begins a phase of the run; the function that it returns ends it.
func (r *Run) phase(name string, warmup bool, length time.Duration) (end func()) {
	r.progress.Phase(name, length)
	begun := r.now()
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.result.Phases = append(r.result.Phases, result.Phase{Name: name, Start: begun, End: r.now(), Warmup: warmup})
	}
}

// warm is a phase in which the load runs and is not measured.
func (r *Run) warm(ctx context.Context) {
	defer r.phase("warm-up", true, r.options.Warmup)()
	load.Sleep(ctx, r.options.Warmup)
}

// measure runs f as a measured phase. The first of a run begins the counting; measuredAll ends it.
func (r *Run) measure(ctx context.Context, name string, length time.Duration, f func(ctx context.Context)) {
	if ctx.Err() != nil {
		return
	}
	defer r.phase(name, false, length)()
	begun := time.Now()
	if r.measured == 0 {
		r.Records.Begin()
		r.Meter.Begin()
	}
	f(ctx)
	r.measured += time.Since(begun)
}

// measuredAll ends the counting.
func (r *Run) measuredAll() {
	r.Records.End()
	r.Meter.End()
}

// fault notes what was done to a server.
func (r *Run) fault(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Faults = append(r.result.Faults, result.Fault{At: r.now(), What: what})
}

// seriesEvery is how often series notes rates and latencies.
const seriesEvery = time.Second

// series notes over time what is achieved and how long it takes, until ctx ends. stop then adds
// what it noted to the result.
func (r *Run) series(ctx context.Context) (stop func()) {
	var noting sync.WaitGroup
	rate, p99 := [][2]float64{}, make(map[string][][2]float64)
	noting.Go(func() {
		for load.Sleep(ctx, seriesEvery) {
			done, slow := r.Records.Recent()
			rate = append(rate, [2]float64{r.now(), float64(done) / seriesEvery.Seconds()})
			for name, v := range slow {
				p99[name] = append(p99[name], [2]float64{r.now(), v})
			}
		}
	})
	return func() {
		noting.Wait()
		r.result.Series = append(r.result.Series, result.Series{Name: "achieved", Unit: "1/s", Points: rate})
		for _, name := range slices.Sorted(maps.Keys(p99)) {
			r.result.Series = append(r.result.Series,
				result.Series{Name: "p99 of " + name, Unit: "ms", Points: p99[name]})
		}
	}
}

// figure adds a figure, unless it is no number: it was divided by something that isn't known.
func (r *Run) figure(f result.Figure) {
	if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Figures = append(r.result.Figures, f)
}

// number adds a figure that has no target.
func (r *Run) number(name, unit string, better result.Better, value float64, comment string) {
	r.figure(result.Figure{Name: name, Unit: unit, Value: value, Better: better, Comment: comment})
}

// none adds a figure of what there must be none of.
func (r *Run) none(name string, n int) {
	r.figure(result.Figure{
		Name: name, Value: float64(n), Better: result.Lower, Target: &result.Target{Op: "<=", Value: 0},
	})
}

// quantile is a latency in seconds. Without a sample it is NaN, which makes no figure, and there is
// a note: the recorder's 0 would look perfect.
func (r *Run) quantile(name string, q float64) float64 {
	d := r.Records.Quantile(name, q)
	if d > 0 { // a recorded latency is a microsecond at least
		return d.Seconds()
	}
	if text := fmt.Sprintf("nothing was measured of %q, so its figures are missing",
		name); !slices.Contains(r.result.Notes, text) {
		r.note(text)
	}
	return math.NaN()
}

// usual ends the load, waits for the answers under way, and adds the figures that every load has.
func (r *Run) usual() {
	r.endLoad()
	r.running.Wait()
	c, seconds := r.Records.Counts(), r.measured.Seconds()
	r.number("achieved of offered", "%", result.Higher, 100*float64(c.Achieved)/float64(c.Offered), "")
	cores := r.Meter.CPU(result.Server) / seconds
	if cores > 0 {
		r.number("server cores used", "cores", result.Lower, cores, "all nodes, user and system")
	}
	r.number("generator cores used", "cores", result.Neither, r.Meter.CPU(result.Generator)/seconds, "")
}

// stayed adds the figures of a crowd that never leaves.
func (r *Run) stayed() {
	r.falseOffline("answers and events that said offline of participants who never left")
	r.number("unknown", "states", result.Lower, float64(r.Records.Unknown.Load()), "")
	r.number("states asked for", "states", result.Neither, float64(r.Records.Asked.Load()), "")
}

func (r *Run) falseOffline(which string) {
	r.figure(result.Figure{
		Name: "false offline", Unit: "states", Value: float64(r.Records.FalseOffline.Load()), Better: result.Lower,
		Target: &result.Target{Op: "<=", Value: 0}, Comment: which,
	})
}
