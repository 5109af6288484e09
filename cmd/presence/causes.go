package main

import (
	"cmp"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// repeatInterval is how often a cause that lasts is told. maxCauses bounds what is kept of causes,
// at some hundred bytes each; beyond it the one told longest ago goes, with its count told, and is
// new when it comes again.
const (
	repeatInterval = time.Minute
	maxCauses      = 200
)

// How a line that stands for others says how many it stands for.
const (
	again  = "repeated" // of its cause
	others = "others"   // of its kind, and of causes that were not told
)

// causes are what was in the log within the last minute. Each has a timer: a cause that goes quiet
// is told, and let go, without another line that would cause it. No lock is held while a line is
// written.
type causes struct {
	mu     sync.Mutex
	open   map[string]*repeated
	kinds  map[string]*ofKind
	told   int64 // how many were told, ever
	closed bool
}

// repeated is a cause that was told, and what has come of it since.
type repeated struct {
	key   string
	timer *time.Timer
	told  int64 // which of all told causes it was the last time
	since
}

// since are lines that were left out.
type since struct {
	n    int64
	last slog.Record
	by   *repeats // who would have written the last
	says string   // again, or others
}

func (s since) tell() {
	if s.n > 0 {
		s.by.tell(s.last, s.says, s.n)
	}
}

func newCauses() *causes {
	return &causes{open: make(map[string]*repeated), kinds: make(map[string]*ofKind)}
}

// first reports whether a record is to be written: the first of its cause, and one of few of its
// kind. Another one is counted.
func (c *causes) first(key string, by *repeats, r slog.Record) bool {
	var gone since
	defer func() { gone.tell() }() // after the lock
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.open[key]; k != nil {
		k.since = since{k.n + 1, r.Clone(), by, again}
		return false
	}
	if c.closed {
		return true
	}
	if !c.take(kindOf(r), by, r) {
		return false
	}
	gone = c.add(key)
	return true
}

// add opens a cause, and returns what is to be told of one that had to go for it.
func (c *causes) add(key string) (gone since) {
	if len(c.open) >= maxCauses {
		gone = c.remove(slices.MinFunc(slices.Collect(maps.Values(c.open)), byAge))
	}
	c.told++
	k := &repeated{key: key, told: c.told}
	k.timer = time.AfterFunc(repeatInterval, func() { c.end(k) })
	c.open[key] = k
	return gone
}

func (c *causes) remove(k *repeated) since {
	k.timer.Stop()
	delete(c.open, k.key)
	return k.since
}

// byAge puts the one told longest ago first.
func byAge(a, b *repeated) int { return cmp.Compare(a.told, b.told) }

// end is the end of a cause's minute: it is told if it came again, and forgotten if it didn't.
func (c *causes) end(k *repeated) {
	c.mu.Lock()
	if c.open[k.key] != k {
		c.mu.Unlock()
		return // removed while the timer fired
	}
	left := k.since
	if left.n == 0 {
		c.remove(k)
	} else {
		k.since = since{}
		c.told++
		k.told = c.told
		k.timer.Reset(repeatInterval)
	}
	c.mu.Unlock()
	left.tell()
}

// close tells what is left, and lets everything pass from then on.
func (c *causes) close() {
	c.mu.Lock()
	c.closed = true
	var left []since
	for _, k := range slices.SortedFunc(maps.Values(c.open), byAge) {
		left = append(left, c.remove(k))
	}
	for _, kind := range slices.Sorted(maps.Keys(c.kinds)) {
		c.kinds[kind].timer.Stop()
		left = append(left, c.kinds[kind].since)
	}
	clear(c.kinds)
	c.mu.Unlock()
	for _, s := range left {
		s.tell()
	}
}
