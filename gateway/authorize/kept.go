package authorize

import (
	"container/list"
	"hash/maphash"
	"strings"
	"time"
)

// kept are the answers that still count. The client's mutex is over all of it.
type kept struct {
	// static
	most  int
	seed  maphash.Seed
	start time.Time

	pairs   int
	dropped int64
	viewers map[string]*list.Element // of *keptOf
	order   list.List                // who asked last is in front
}

// keptOf are the answers of one viewer, by the hash of the id.
type keptOf struct {
	viewer  string
	answers map[uint64]entry
	sweepAt int // when there are so many, those that are over are dropped
}

type entry struct {
	until   time.Duration // since kept.start: no clock that is set changes it
	allowed bool
}

// sweepFrom is the least number of answers of a viewer that are looked through for what is over.
const sweepFrom = 64

func (k *kept) init(most int) {
	k.most, k.seed, k.start, k.viewers = most, maphash.MakeSeed(), time.Now(), make(map[string]*list.Element)
	k.order.Init()
}

// of returns the answers of a viewer who asks now; nil: there are none.
func (k *kept) of(viewer string) *keptOf {
	e := k.viewers[viewer]
	if e == nil {
		return nil
	}
	k.order.MoveToFront(e)
	return e.Value.(*keptOf)
}

func (o *keptOf) find(k *kept, id string, now time.Time) (a Answer, ok bool) {
	if o == nil {
		return a, false
	}
	e, ok := o.answers[maphash.String(k.seed, id)]
	if !ok || e.until <= now.Sub(k.start) {
		return a, false
	}
	a = Answer{Denied, k.start.Add(e.until)}
	if e.allowed {
		a.Verdict = Allowed
	}
	return a, true
}

// add keeps an answer, and makes room for it.
func (k *kept) add(viewer, id string, allowed bool, until, now time.Time) {
	e := k.viewers[viewer]
	if e == nil {
		name := strings.Clone(viewer) // the caller's may be a piece of a large body
		e = k.order.PushFront(&keptOf{viewer: name, answers: make(map[uint64]entry), sweepAt: sweepFrom})
		k.viewers[name] = e
	}
	o := e.Value.(*keptOf)
	before := len(o.answers)
	if before >= o.sweepAt {
		o.sweep(now.Sub(k.start))
	}
	o.answers[maphash.String(k.seed, id)] = entry{until.Sub(k.start), allowed}
	k.pairs += len(o.answers) - before
	for k.pairs > k.most {
		last := k.order.Back().Value.(*keptOf)
		k.dropped += int64(len(last.answers))
		k.drop(last.viewer)
	}
}

// sweep drops what is over.
func (o *keptOf) sweep(now time.Duration) {
	for hash, e := range o.answers {
		if e.until <= now {
			delete(o.answers, hash)
		}
	}
	o.sweepAt = max(sweepFrom, 2*len(o.answers))
}

// drop forgets all answers of a viewer.
func (k *kept) drop(viewer string) {
	e := k.viewers[viewer]
	if e == nil {
		return
	}
	k.pairs -= len(e.Value.(*keptOf).answers)
	k.order.Remove(e)
	delete(k.viewers, viewer)
}
