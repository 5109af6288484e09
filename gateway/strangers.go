package gateway

import (
	"container/list"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scaiwave/presence/gateway/tenant"
)

// strangerDay is for how long one that was asked about counts.
const strangerDay = 24 * time.Hour

// mostStrangers bounds the memory of all viewers together: some 40 MB. Beyond it the viewer that
// asked longest ago begins anew.
const mostStrangers = 1_000_000

// strangers counts how many different participants each viewer has asked about within a day, by a
// keyed hash of their ids. Of two ids one in 10^19 pairs has the same.
type strangers struct {
	// static
	limit int // of a viewer; 0: none, and nothing is counted
	most  int // of all
	seed  maphash.Seed
	start time.Time

	mu      sync.Mutex
	total   int
	viewers map[tenant.Participant]*list.Element // of *seenBy
	order   list.List                            // who asked last is in front
}

// seenBy are the participants that one viewer has asked about, each with when it last did.
type seenBy struct {
	viewer tenant.Participant
	latest time.Duration            // since start
	last   map[uint64]time.Duration // since start
}

func newStrangers(limit, most int) *strangers {
	s := &strangers{
		limit: limit, most: most, seed: maphash.MakeSeed(), start: time.Now(),
		viewers: make(map[tenant.Participant]*list.Element),
	}
	s.order.Init()
	return s
}

// uncounted are those of a list that a viewer has not asked about within a day.
func (s *strangers) uncounted(viewer tenant.Participant, list tenant.List, now time.Time) tenant.List {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, after := s.of(viewer), now.Sub(s.start)-strangerDay
	var fresh []tenant.Participant
	for i, id := range list.Keys() {
		if last, ok := of.last[s.hash(id)]; !ok || last <= after {
			fresh = append(fresh, list.At(i))
		}
	}
	return tenant.ListOf(fresh...)
}

// take counts those of strange that don't count yet, and has those of list that do count for
// another day. It returns 0. If that is too many it counts nothing, and returns how long it takes
// until it would not be.
func (s *strangers) take(viewer tenant.Participant, list, strange tenant.List, now time.Time) (wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, at := s.of(viewer), now.Sub(s.start)
	s.total -= of.sweep(at - strangerDay)
	fresh := make(map[uint64]struct{}, strange.Len())
	for _, id := range strange.Keys() {
		if h := s.hash(id); !of.has(h) {
			fresh[h] = struct{}{}
		}
	}
	if over := len(of.last) + len(fresh) - s.limit; over > 0 {
		return of.until(over, s.hashes(list.Keys()), at)
	}
	for _, id := range list.Keys() {
		if h := s.hash(id); of.has(h) {
			of.last[h] = at
		}
	}
	for h := range fresh {
		of.last[h] = at
	}
	s.total += len(fresh)
	s.keep(of, at)
	return 0
}

func (s *strangers) hash(id string) uint64 { return maphash.String(s.seed, id) }

func (s *strangers) hashes(ids []string) map[uint64]struct{} {
	all := make(map[uint64]struct{}, len(ids))
	for _, id := range ids {
		all[s.hash(id)] = struct{}{}
	}
	return all
}

func (of *seenBy) has(h uint64) bool {
	_, ok := of.last[h]
	return ok
}

// of returns what a viewer has asked about; one who has asked about nothing isn't kept. The caller
// holds mu.
func (s *strangers) of(viewer tenant.Participant) *seenBy {
	if e := s.viewers[viewer]; e != nil {
		return e.Value.(*seenBy)
	}
	return &seenBy{viewer: viewer, last: make(map[uint64]time.Duration)}
}

// keep has a viewer be the last of those who asked, and makes room. The caller holds mu.
func (s *strangers) keep(of *seenBy, at time.Duration) {
	e := s.viewers[of.viewer]
	switch {
	case len(of.last) == 0:
		return
	case e == nil:
		of.viewer = tenant.Participant(strings.Clone(string(of.viewer)))
		s.viewers[of.viewer] = s.order.PushFront(of)
	default:
		s.order.MoveToFront(e)
	}
	of.latest = at
	for oldest := s.order.Back().Value.(*seenBy); s.total > s.most || oldest.latest <= at-strangerDay; {
		s.total -= len(oldest.last)
		delete(s.viewers, oldest.viewer)
		s.order.Remove(s.order.Back())
		if s.order.Len() == 0 {
			return
		}
		oldest = s.order.Back().Value.(*seenBy)
	}
}

// sweep drops those that were last asked about at a time or before it, and returns how many.
func (of *seenBy) sweep(until time.Duration) (dropped int) {
	for h, last := range of.last {
		if last <= until {
			delete(of.last, h)
			dropped++
		}
	}
	return dropped
}

// until is how long it takes until so many of those that count don't any longer, but for those that
// are asked about again; a day, if there are not so many.
func (of *seenBy) until(over int, again map[uint64]struct{}, at time.Duration) time.Duration {
	var times []time.Duration
	for h, last := range of.last {
		if _, ok := again[h]; !ok {
			times = append(times, last)
		}
	}
	if over > len(times) {
		return strangerDay
	}
	slices.Sort(times)
	return times[over-1] + strangerDay - at
}

// size is how many participants are counted, over all viewers.
func (s *strangers) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}
