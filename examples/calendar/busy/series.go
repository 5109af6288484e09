package busy

import (
	"fmt"
	"time"
)

// series is all that has one UID: what recurs, and what takes the place of its instances. An
// instance that its owner alone was invited to comes without what recurs.
type series struct {
	master    *event
	overrides []*event
}

// take keeps the newest of what says the same.
func (s *series) take(e *event) {
	if e.replaces == nil {
		if s.master == nil || !e.olderThan(s.master) {
			s.master = e
		}
		return
	}
	for i, other := range s.overrides {
		if other.following == e.following && other.replaces.same(*e.replaces) {
			if !e.olderThan(other) {
				s.overrides[i] = e
			}
			return
		}
	}
	s.overrides = append(s.overrides, e)
}

func (e *event) olderThan(other *event) bool {
	if e.sequence != other.sequence {
		return e.sequence < other.sequence
	}
	return e.stamp < other.stamp
}

// blocks calls yield with each time of the series that makes busy and begins within bounds.
func (s *series) blocks(b bounds, yield func(Block)) error {
	if s.master != nil && s.master.canceled {
		return nil
	}
	for _, e := range s.overrides {
		if !e.following {
			e.yield(e.start, e.length, yield)
		}
	}
	if s.master == nil {
		return nil
	}
	skipped, err := s.skipped(b)
	if err != nil {
		return err
	}
	return s.master.instances(b, func(i instance) {
		if !skipped.has(i.start) {
			s.moved(i, yield)
		}
	})
}

func (e *event) yield(start moment, length span, yield func(Block)) {
	if e.busy && !e.canceled {
		yield(Block{From: start.instant(), Until: length.after(start)})
	}
}

// moved yields an instance as the latest change that is for it and all that follow has it.
func (s *series) moved(i instance, yield func(Block)) {
	e := s.master
	for _, o := range s.overrides {
		if o.following && !o.replaces.instant().After(i.start.instant()) &&
			(e == s.master || o.replaces.instant().After(e.replaces.instant())) {
			e = o
		}
	}
	length := e.length
	if e != s.master {
		by := e.start.wall.Sub(i.start.zone.wall(e.replaces.instant()))
		i.start = moment{wall: i.start.wall.Add(by), zone: e.start.zone, allDay: e.start.allDay}
	} else if i.length != nil {
		length = *i.length
	}
	e.yield(i.start, length, yield)
}

// skipped are the starts that are taken out, or in whose place another event is.
func (s *series) skipped(b bounds) (*starts, error) {
	skipped := newStarts(s.master.except)
	for _, o := range s.overrides {
		if !o.following {
			skipped.add(*o.replaces)
		}
	}
	for _, text := range s.master.exRules {
		if err := each(text, s.master.start, b, skipped.add); err != nil {
			return nil, fmt.Errorf("event %s: %q: %w", s.master.uid, text, err)
		}
	}
	return skipped, nil
}

// instances calls yield with each instance once.
func (e *event) instances(b bounds, yield func(instance)) error {
	seen := map[time.Time]bool{}
	once := func(i instance) {
		if at := i.start.instant(); !seen[at] {
			seen[at] = true
			yield(i)
		}
	}
	for _, i := range e.extra { // before the rule's, which have no length of their own
		if err := b.tooSlow(); err != nil {
			return fmt.Errorf("event %s: %w", e.uid, err)
		}
		once(i)
	}
	once(instance{start: e.start})
	for _, text := range e.rules {
		if err := each(text, e.start, b, func(m moment) { once(instance{start: m}) }); err != nil {
			return fmt.Errorf("event %s: %q: %w", e.uid, text, err)
		}
	}
	return nil
}
