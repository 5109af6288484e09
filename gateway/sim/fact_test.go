package sim

import (
	"slices"
	"time"
)

// fact is something that calls change: what it may be, as far as an observer of the calls can know.
type fact[T comparable] struct {
	changes []change[T] // by time; the first is what it is at the beginning
	ops     []*op[T]
}

type change[T comparable] struct {
	at  time.Duration
	may []T
}

// op is one call.
type op[T comparable] struct {
	value      T
	start, end time.Duration // end: 0 while it is under way
	failed     bool
}

func newFact[T comparable](initial T) *fact[T] {
	return &fact[T]{changes: []change[T]{{may: []T{initial}}}}
}

func (f *fact[T]) latest() []T { return f.changes[len(f.changes)-1].may }

// begin: from now on it may be the new value.
func (f *fact[T]) begin(at time.Duration, v T) *op[T] {
	o := &op[T]{value: v, start: at}
	f.ops = append(f.ops, o)
	f.changes = append(f.changes, change[T]{at: at, may: with(f.latest(), v)})
	return o
}

// done: it is the new value, or that of a call that was under way meanwhile, or failed lately. firm
// is false if a fault may undo it. Calls within blur of each other may have been stamped in the
// other order, by two nodes' clocks.
func (f *fact[T]) done(at time.Duration, o *op[T], firm bool, blur time.Duration) {
	o.end = at
	may := []T{o.value}
	if !firm {
		may = f.latest()
	}
	for _, other := range f.ops {
		if other != o && (other.end == 0 || other.end+blur > o.start || other.failed && other.end+stray > o.start) {
			may = with(may, other.value)
		}
	}
	f.changes = append(f.changes, change[T]{at: at, may: may})
}

func (f *fact[T]) fail(at time.Duration, o *op[T]) { o.end, o.failed = at, true }

// during is what it may be at some time between two.
func (f *fact[T]) during(from, to time.Duration) (may []T) {
	for i, c := range f.changes {
		if c.at > to {
			break
		}
		if i+1 == len(f.changes) || f.changes[i+1].at > from {
			may = with(may, c.may...)
		}
	}
	return may
}

func with[T comparable](set []T, more ...T) []T {
	set = slices.Clone(set)
	for _, v := range more {
		if !slices.Contains(set, v) {
			set = append(set, v)
		}
	}
	return set
}
