package contest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// Progress shows the phase that begins. A length of zero is not known.
type Progress interface {
	Phase(name string, length time.Duration)
}

// Plan is what a comparison begins with.
type Plan struct {
	Kind  string // of the rival's processes: result.Redis, …
	Rival string // as people read it, such as Redis
	Options
	Machine  result.Machine
	Settings map[string]string
	Progress Progress
}

// Run is one run of a comparison.
type Run struct {
	Plan
	Binary string // of Presence
	Cores  []int  // of the servers; nil: they share all with the load
	Result *result.Result

	started time.Time
	dir     string
	meter   *target.Meter
	idle    map[string][]string // by server: the works in which it had CPU to spare
}

// Begin finds Presence's binary and divides the cores. Finish ends the run.
func Begin(ctx context.Context, p Plan) (*Run, error) {
	dir, err := os.MkdirTemp("", "presence-bench-")
	if err != nil {
		return nil, err
	}
	r := &Run{Plan: p, dir: dir, started: time.Now(), idle: make(map[string][]string)}
	if err := r.prepare(ctx); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	r.Result = &result.Result{
		Version: result.Version, Scenario: "compare " + p.Kind, Started: r.started.UTC(), Machine: p.Machine,
		Settings: p.Settings,
	}
	r.meter = target.NewMeter(r.started)
	r.meter.Watch("presence-bench", result.Generator, os.Getpid())
	r.meter.Begin()
	return r, nil
}

func (r *Run) prepare(ctx context.Context) (err error) {
	if r.Binary, err = target.Binary(ctx, r.Presence, r.dir); err != nil {
		return err
	}
	servers, generator := target.Share(target.Cores())
	if len(servers) == 0 {
		return nil
	}
	r.Cores = servers[:1]
	return target.PinSelf(generator)
}

// Finish returns the result of a run that ended with err. A run that was ended early has a result
// too, if anything is complete.
func (r *Run) Finish(ctx context.Context, err error) (*result.Result, error) {
	r.Result.Processes = r.meter.Close()
	_ = os.RemoveAll(r.dir)
	r.Result.Seconds = time.Since(r.started).Seconds()
	if err != nil && ctx.Err() == nil || len(r.Result.Compared) == 0 {
		return nil, err
	}
	if ctx.Err() != nil {
		r.Note("the run was ended early: only what was complete is in it")
	}
	for _, server := range slices.Sorted(maps.Keys(r.idle)) {
		r.Note("%s had a fifth of its core or more to spare in: %s. The load, or other processes, were the limit; "+
			"figures are per CPU-second", server, strings.Join(r.idle[server], "; "))
	}
	if r.Cores == nil {
		r.Note("there are too few cores to keep the servers and the load apart: each took time from the other")
	}
	if r.Result.Machine.Dirty {
		r.Note("built with changes that were not committed")
	}
	return r.Result, r.Result.Validate()
}

// Dir is a directory that goes with the run.
func (r *Run) Dir() string { return r.dir }

// Note adds a note to the result.
func (r *Run) Note(format string, args ...any) {
	r.Result.Notes = append(r.Result.Notes, fmt.Sprintf(format, args...))
}

// Phase begins a phase; the function that it returns ends it.
func (r *Run) Phase(name string, warmup bool, length time.Duration) (end func()) {
	r.Progress.Phase(name, length)
	begun := time.Since(r.started).Seconds()
	return func() {
		r.Result.Phases = append(r.Result.Phases,
			result.Phase{Name: name, Start: begun, End: time.Since(r.started).Seconds(), Warmup: warmup})
	}
}
