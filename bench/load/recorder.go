package load

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/scaiwave/presence/bench/result"
)

// Recorder collects what a run shows. Only work that was due between Begin and End counts; its
// answer may come later.
type Recorder struct {
	// States that were seen. Begin resets them.
	FalseOffline atomic.Int64
	Unknown      atomic.Int64
	Asked        atomic.Int64 // states that were answered

	mu       sync.Mutex
	from, to time.Time
	latency  map[string]*hdrhistogram.Histogram
	recent   map[string]*hdrhistogram.Histogram // the same since the last Recent
	counts   result.Counts
	woke     *hdrhistogram.Histogram // how late this program was
	done     int64                   // achieved since the last Recent
}

// NewRecorder returns a recorder that counts nothing before Begin.
func NewRecorder() *Recorder {
	r := &Recorder{}
	r.reset()
	return r
}

func (r *Recorder) reset() {
	r.latency, r.recent = make(map[string]*hdrhistogram.Histogram), make(map[string]*hdrhistogram.Histogram)
	r.counts = result.Counts{Errors: make(map[string]int64), More: make(map[string]int64)}
	r.woke = result.NewHistogram()
	r.FalseOffline.Store(0)
	r.Unknown.Store(0)
	r.Asked.Store(0)
}

// Begin forgets everything, and counts what is due from now on.
func (r *Recorder) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reset()
	r.from, r.to = time.Now(), time.Time{}
}

// End ends the counting of what is due from now on.
func (r *Recorder) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = time.Now()
}

func (r *Recorder) counting(due time.Time) bool {
	return !r.from.IsZero() && !due.Before(r.from) && (r.to.IsZero() || due.Before(r.to))
}

// Offered notes n units of work that were due.
func (r *Recorder) Offered(due time.Time, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counting(due) {
		r.counts.Offered += n
	}
}

// Done notes n units of work that are answered now, well or with an error.
func (r *Recorder) Done(name string, due time.Time, n int64, err error) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.counting(due):
		return
	case errors.Is(err, context.Canceled): // the run has ended, and has waited for the answer
		r.counts.Errors[Kind(ErrNoAnswer)]++
		return
	case err != nil:
		r.counts.Errors[Kind(err)]++
		return
	}
	r.counts.Achieved += n
	r.done += n
	r.took(name, now.Sub(due))
}

// Took notes a latency of something that is no work offered, such as a delivery.
func (r *Recorder) Took(name string, due time.Time, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counting(due) {
		r.took(name, d)
	}
}

func (r *Recorder) took(name string, d time.Duration) {
	for _, all := range []map[string]*hdrhistogram.Histogram{r.latency, r.recent} {
		h := all[name]
		if h == nil {
			h = result.NewHistogram()
			all[name] = h
		}
		record(h, d)
	}
}

// record counts a time that is out of range at the end of the range.
func record(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(min(max(d.Microseconds(), h.LowestTrackableValue()), h.HighestTrackableValue()))
}

// Failed notes an error without a latency.
func (r *Recorder) Failed(due time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counting(due) && !errors.Is(err, context.Canceled) {
		r.counts.Errors[Kind(err)]++
	}
}

// FailedAs notes n errors of a kind that another process has met.
func (r *Recorder) FailedAs(kind string, at time.Time, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counting(at) {
		r.counts.Errors[kind] += n
	}
}

// Count adds n to a count that only this scenario has.
func (r *Recorder) Count(name string, at time.Time, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counting(at) {
		r.counts.More[name] += n
	}
}

// overslept notes how late this program itself was.
func (r *Recorder) overslept(due time.Time, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counting(due) {
		record(r.woke, d)
	}
}
