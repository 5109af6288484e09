package sim

import (
	"slices"
	"time"
)

// device is what is known of one from its own calls.
type device struct {
	activity *fact[states] // idle or online
	signs    []*sign
	open     map[*session]bool // its sockets that answer pings
	closed   time.Duration     // when its latest socket was seen to end
	dropped  time.Duration     // when it closed a socket by itself, without goodbye; 0: not since the latest sign
	drops    []time.Duration   // all times when it did
	vague    bool              // it had another one at the latest of them, and which of the two counted isn't known
	leaving  []*op[bool]       // goodbyes and sign-outs
}

// sign is a call that says that a device is there.
type sign struct {
	start, end time.Duration // end: 0 while it is under way
	failed     bool
	firm       bool // two nodes have it
}

// mayLive says whether a device may be live at a time.
func (d *device) mayLive(m *model, at time.Duration) bool {
	last := time.Duration(-1)
	for _, s := range d.signs {
		switch {
		case s.start > at:
		case s.end == 0:
			last = at
		case s.failed:
			last = max(last, min(at, s.end+stray))
		default:
			last = max(last, min(at, s.end))
		}
	}
	if len(d.open) > 0 || d.closed > at {
		last = at
	}
	last = max(last, d.closed)
	if last < 0 || len(d.signs) == 0 || d.signs[0].start > at {
		return false
	}
	for _, o := range d.leaving {
		if o.end != 0 && !o.failed && o.end <= at && o.start > d.lastStart(at) && !m.troubled(o.start-deadline, at) &&
			len(d.open) == 0 {
			return false
		}
	}
	if d.dropped > d.lastStart(at) && d.dropped <= at && !d.vague && len(d.open) == 0 &&
		!m.troubled(d.dropped-deadline, at) && at > d.dropped+linger+m.slack {
		return d.stray(at)
	}
	limit := deadline + m.slack
	if m.troubled(last-deadline, at) {
		limit += deadline + 30*time.Second + m.paused(last, at)
	}
	return at <= last+limit
}

// stray says whether a call that failed may still be carried out.
func (d *device) stray(at time.Duration) bool {
	return slices.ContainsFunc(d.signs, func(s *sign) bool {
		return s.start <= at &&
			(s.end == 0 || s.failed && s.end+stray+deadline > at)
	})
}

func (d *device) lastStart(at time.Duration) (last time.Duration) {
	last = -1
	for _, s := range d.signs {
		if s.start <= at {
			last = max(last, s.start)
		}
	}
	return last
}

// mustLive says whether a device is surely live at a time.
func (d *device) mustLive(m *model, at time.Duration) bool {
	for _, s := range d.signs {
		if s.end == 0 || s.end > at || s.failed || !s.firm || at >= s.start+deadline-m.slack {
			continue
		}
		if slices.ContainsFunc(d.drops, func(dropped time.Duration) bool {
			return dropped > s.start &&
				at >= dropped+linger-m.slack
		}) {
			continue
		}
		if slices.ContainsFunc(d.leaving, func(o *op[bool]) bool { // at one side of a cut, and it beats on at the other
			return o.start <= s.start && m.split(o.start, s.start) && m.split(s.start, s.end)
		}) {
			continue
		}
		if slices.ContainsFunc(d.leaving, func(o *op[bool]) bool {
			return o.start <= at && (o.end == 0 || o.end >= s.start || o.failed && o.end+stray >= s.start)
		}) {
			continue
		}
		return true
	}
	return false
}

// drop notes that it closes a socket by itself, or that one which it gave up may have been taken.
func (d *device) drop(at time.Duration) {
	d.dropped, d.vague = at, len(d.open) > 0
	d.drops = append(d.drops, at)
}

// doubt: the signs since a time may not have counted.
func (d *device) doubt(since time.Duration) {
	for _, s := range d.signs {
		if s.start > since {
			s.firm = false
		}
	}
}

// left says whether a device has left between two times, or was about to.
func (d *device) left(m *model, from, to time.Duration) bool {
	from -= linger + m.slack
	return d.dropped >= from && d.dropped > 0 && d.dropped <= to ||
		slices.ContainsFunc(d.leaving, func(o *op[bool]) bool {
			return o.start <= to && (o.end == 0 || o.end >= from)
		})
}

// live says whether a device must be live, all the time between two, and whether it may be, at any.
func (d *device) live(m *model, from, to time.Duration) (must, may bool) {
	must = true
	for at := from; ; at = min(at+m.slack/2, to) {
		must, may = must && d.mustLive(m, at), may || d.mayLive(m, at)
		if at == to {
			return must, may
		}
	}
}
