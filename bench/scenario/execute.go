package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// Scenario is one of this package's types, filled from flags.
type Scenario interface {
	Name() string
	run(ctx context.Context, r *Run) error
}

// Progress shows the phase that begins. A length of zero is not known.
type Progress interface {
	Phase(name string, length time.Duration)
}

// ErrNothing means that a run ended before anything was measured.
var ErrNothing = errors.New("ended before anything was measured")

// Run is one run of a scenario.
type Run struct {
	Cluster *target.Cluster // nil: the scenario needs none
	API     *load.API
	Records *load.Recorder
	Meter   *target.Meter

	options  Options
	progress Progress
	started  time.Time
	cores    float64 // how many the generator may use
	running  sync.WaitGroup
	sign     func(id string) string

	endLoad  context.CancelFunc
	mu       sync.Mutex
	result   result.Result
	measured time.Duration
}

// Execute runs a scenario. settings are its flags, for the result. When ctx ends early, the result
// has what was measured until then.
func Execute(ctx context.Context, s Scenario, settings map[string]string, p Progress) (*result.Result, error) {
	r := &Run{started: time.Now(), progress: p, Records: load.NewRecorder(), cores: float64(runtime.GOMAXPROCS(0))}
	r.result = result.Result{
		Version: result.Version, Scenario: s.Name(), Started: r.started.UTC(), Machine: Machine(),
		Settings: settings,
	}
	r.Meter = target.NewMeter(r.started)
	err := r.around(ctx, s)
	r.result.Processes = r.Meter.Close()
	r.result.Seconds = time.Since(r.started).Seconds()
	switch {
	case err != nil && ctx.Err() == nil:
		return nil, err
	case r.measured == 0 || len(r.result.Figures) == 0:
		return nil, errors.Join(ErrNothing, err)
	case ctx.Err() != nil:
		r.note("the run was ended early: figures are of less time, and some may be missing")
	}
	return &r.result, r.result.Validate()
}

// around starts what s needs, runs s, and ends what it has started.
func (r *Run) around(ctx context.Context, s Scenario) error {
	if c, ok := s.(clustered); ok {
		r.options = c.where()
		done, err := r.prepare(ctx, c)
		if err != nil {
			return err
		}
		defer done()
	}
	r.Meter.Watch("presence-bench", result.Generator, os.Getpid())
	background, end := context.WithCancel(ctx)
	r.endLoad = end
	stop := r.series(background)
	err := s.run(background, r)
	r.doubts()
	end()
	stop()
	r.running.Wait()
	return errors.Join(err, r.collect())
}

// collect puts the counts and latencies of the recorder into the result.
func (r *Run) collect() (err error) {
	if len(r.result.Latencies) > 0 || r.result.Counts.Errors != nil {
		return nil // the scenario has set its own
	}
	r.result.Counts = r.Records.Counts()
	r.result.Latencies, err = r.Records.Latencies()
	return err
}

// Above these the generator may be the limit: the part of its cores that it uses, and how late it
// begins a hundredth of its work.
const (
	nearlyAll = 0.9
	lateBegin = 20 * time.Millisecond
)

// limited reports whether the figures may be those of the generator.
func (r *Run) limited() bool { return r.busy() > nearlyAll*r.cores || r.Records.Late() > lateBegin }

// busy is how many cores the generator uses.
func (r *Run) busy() float64 { return r.Meter.CPU(result.Generator) / max(r.measured.Seconds(), 0.001) }

// doubts notes why figures may be those of the generator, or of fewer nodes, or of another commit.
func (r *Run) doubts() {
	if used := r.busy(); r.Cluster != nil && used > nearlyAll*r.cores {
		r.note(fmt.Sprintf("the generator was the limit: it used %.2f of its %.0f cores", used, r.cores))
	}
	if l := r.Records.Late(); l > lateBegin {
		r.note(fmt.Sprintf("the generator fell behind its schedule: a hundredth of its work began %v late or later, "+
			"which is part of the latencies", l.Round(time.Millisecond)))
	}
	r.fallen()
	if r.result.Machine.Dirty {
		r.note("built with changes that were not committed")
	}
}

// fallen notes the nodes that ended by themselves. A run with fewer nodes than asked for misses a
// target.
func (r *Run) fallen() {
	if r.Cluster == nil {
		return
	}
	fell := 0
	for _, n := range r.Cluster.Nodes {
		if how := n.Fell(); how != "" {
			fell++
			r.note(how)
		}
	}
	if fell > 0 {
		r.none("nodes that ended by themselves", fell)
	}
}

func (r *Run) note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Notes = append(r.result.Notes, text)
}
