package sim

import (
	"math"
	"slices"
	"time"
)

// What half-broken parts may be noticed by, and for how long.

// deaf is the fault by which a node at an address reaches no other one, or has not caught up since;
// nil: there is none.
func (m *model) deaf(address string, at time.Duration) *fault {
	for _, f := range m.faults {
		if f.deaf != "" && f.deaf == address && f.start <= at && (f.end == 0 || at < f.end+settling) {
			return f
		}
	}
	return nil
}

// vague reports whether a sign of life that was answered may not have reached its owner, or not in
// time.
func (m *model) vague(from, to time.Duration) bool {
	return slices.ContainsFunc(m.faults, func(f *fault) bool { return f.start <= to && from <= f.start+f.vague })
}

// shunned reports whether balancers don't lead to a node any more. w.mu is held.
func (w *world) shunned(p *place) bool {
	f := w.model.deaf(p.address, w.now())
	return f != nil && f.end == 0 && w.now() > f.start+shunning
}

// lookAtDeaf: a node that reaches no other one says so to balancers, and to its clients. w.mu is
// held.
func (w *world) lookAtDeaf(now time.Duration) {
	for _, p := range w.nodes {
		f := w.model.deaf(p.address, now)
		if p.node == nil || f == nil || f.end > 0 || f.taking == 0 {
			continue
		}
		if now > f.start+noticing && p.node.cluster.Ready() == nil {
			w.broken("%s is ready amid the %v, and reaches no other node", p.id, f)
		}
		for _, s := range w.sessions {
			if s.node == p.node && s.since < f.start && now > s.sentAwayBy(f) {
				w.broken("%s is still connected to %s amid the %v, and was not told to go elsewhere",
					key(s.id, s.place), p.address, f)
			}
		}
	}
}

// sentAwayBy is until when a session at a node that reaches no other one has gone elsewhere. A
// machine that sleeps, or a page that doesn't run, can't be told, and is as soon as it can. w.mu is
// held.
func (s *session) sentAwayBy(f *fault) time.Duration {
	if s.asleep || s.frozen {
		return time.Duration(math.MaxInt64)
	}
	return max(f.start+noticing, s.woke, s.ran) + sending - noticing
}

// mustTake judges a write that failed: one that began long enough after a pair, or one node, has
// lost its links is taken, but for what that node is asked. w.mu is held.
func (w *world) mustTake(address string, start time.Duration, err error) {
	if err == nil {
		return
	}
	for _, f := range w.model.faults {
		if f.taking == 0 || f.end > 0 || start < f.start+f.taking || f.deaf == address {
			continue
		}
		if !w.model.troubledBut(f, start, w.now()) && w.floodedAt+floodLasts+settling < start {
			w.broken("amid the %v a write at %s, begun at %.3fs, fails: %v", f, address, start.Seconds(), err)
		}
	}
}

// troubledBut is troubled by anything else.
func (m *model) troubledBut(but *fault, from, to time.Duration) bool {
	return slices.ContainsFunc(m.faults, func(f *fault) bool {
		return f != but && f.start <= to && (f.end == 0 || f.end+settling >= from)
	})
}
