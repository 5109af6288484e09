package load

import (
	"maps"
	"slices"
	"time"

	"github.com/scaiwave/presence/bench/result"
)

// Counts returns the counts so far.
func (r *Recorder) Counts() result.Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.counts
	c.Errors, c.More = maps.Clone(c.Errors), maps.Clone(c.More)
	c.FalseOffline, c.Unknown = r.FalseOffline.Load(), r.Unknown.Load()
	return c
}

// Latencies returns the latencies so far, in order of their names.
func (r *Recorder) Latencies() (all []result.Latency, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(r.latency)) {
		l, err := result.NewLatency(name, true, r.latency[name])
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// Quantile returns a quantile of a latency so far, or 0 when there is none. q is in percent.
func (r *Recorder) Quantile(name string, q float64) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.latency[name]
	if h == nil {
		return 0
	}
	return time.Duration(h.ValueAtQuantile(q)) * time.Microsecond
}

// Answered returns how often a latency was recorded so far.
func (r *Recorder) Answered(name string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.latency[name]
	if h == nil {
		return 0
	}
	return h.TotalCount()
}

// Late returns by how much this program overslept: the 99th percentile over its work.
func (r *Recorder) Late() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Duration(r.woke.ValueAtQuantile(99)) * time.Microsecond
}

// Recent returns what was achieved since the last call, and the 99th percentile of each latency in
// that time, in milliseconds.
func (r *Recorder) Recent() (achieved int64, p99 map[string]float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p99 = make(map[string]float64, len(r.recent))
	for name, h := range r.recent {
		if h.TotalCount() > 0 {
			p99[name] = float64(h.ValueAtQuantile(99)) / 1000
			h.Reset()
		}
	}
	achieved, r.done = r.done, 0
	return achieved, p99
}
