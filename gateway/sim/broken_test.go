package sim

import (
	"fmt"
	"testing"
	"time"
)

// What is neither well nor dead. Gossip and clients get through; what does not is:
//
//	unlink   the links between a node and the next one
//	deaf     all links of a node
//	stuck    one class of links, of such a pair or of a node
//	late     the same, and it comes, by seconds too late
//	disk     nothing, but a node's disk takes seconds
const (
	// noticing is how long it takes to see that links are broken, and to have the others do what
	// they did: from then on writes are taken again. Where one direction is shut and answers still
	// come the link must time out first.
	noticing       = 10 * time.Second
	noticingOneWay = 20 * time.Second
	// sending is how soon a node that reaches no other one has sent its clients elsewhere: within
	// half a deadline after it has noticed.
	sending = noticing + deadline/2 + answering
	// shunning is how long balancers take to see that a node is not ready.
	shunning = 10 * time.Second
)

// brokenPlan is planOf with half-broken parts. Every fourth world has disks.
func brokenPlan(seed uint64) (nodes int, p plan) {
	p = plan{
		length: *length, pause: time.Second, every: 60 * time.Second, floods: seed%3 == 0, long: true,
		faults: []string{
			"unlink", "unlink", "unlink", "deaf", "deaf", "stuck", "late", "astray", "kill", "pause",
			"drain",
		},
	}
	if seed%4 == 0 {
		p.faults = append(p.faults, "disk", "disk")
	}
	return 3 + int(seed/2%2), p
}

// TestHalfBroken is TestWorld with parts that are neither well nor dead.
func TestHalfBroken(t *testing.T) { playAll(t, brokenPlan) }

// furnish gives the nodes what a script needs of them: disks, gossip keys.
func (w *world) furnish(t *testing.T, script []step) {
	for _, s := range script {
		switch {
		case (s.do == "disk" || s.do == "astray" && s.way == ownDisk) && w.dir == "":
			w.dir = t.TempDir()
		case s.do == "astray" && astrayWay(s) == wrongKey && w.keys == "":
			w.keys = writeKeys(t)
		}
	}
}

// halfBreak does something to a node and, or, its links, and mends it.
func (w *world) halfBreak(s step, f *fault) {
	w.mu.Lock()
	p, next := w.nodes[s.node], w.nodes[(s.node+1)%len(w.nodes)]
	whole := s.do == "deaf" || (s.do == "stuck" || s.do == "late") && s.way >= 3 // else it is of a pair
	if whole {
		f.deaf = p.address
	}
	f.what = w.whatBreaks(s, p, next, whole)
	switch oneWay := s.way == 1 || s.way == 2; {
	case s.do == "disk":
		p.disk = time.Duration(s.way+1) * 1500 * time.Millisecond
	case s.do == "unlink" && oneWay:
		f.taking, f.vague = noticingOneWay, noticingOneWay
	case s.do == "unlink" || s.do == "deaf":
		f.taking, f.vague = noticing, noticing
	default:
		f.vague = noticingOneWay
	}
	for _, other := range w.nodes {
		if other == next || whole && other != p {
			w.damage(s, p.address, other.address)
		}
	}
	w.mu.Unlock()
	sleep(w.ctx, s.lasts)
	w.mu.Lock()
	p.disk = 0
	w.mu.Unlock()
	w.net.Heal()
}

// whatBreaks says it. w.mu is held.
func (w *world) whatBreaks(s step, p, next *place, whole bool) string {
	what := s.do
	if s.do == "stuck" || s.do == "late" {
		what = fmt.Sprintf("%s %s", s.do, s.value)
	}
	if whole || s.do == "disk" {
		return fmt.Sprintf("%s of %s", what, p.id)
	}
	return fmt.Sprintf("%s of %s and %s, way %d", what, p.id, next.id, s.way)
}

// damage breaks what is between two nodes. Links are cut, by way, 0 and 4: altogether; 1: in one
// direction; 2: in the other one; 3: those that the first one makes, as by a firewall at the other.
func (w *world) damage(s step, a, b string) {
	switch s.do {
	case "unlink", "deaf":
		if s.do == "deaf" || s.way != 2 {
			w.net.CutPort(a, b, peerPort)
		}
		if s.do == "deaf" || s.way != 2 && s.way != 3 {
			w.net.CutAnswers(a, b, peerPort)
		}
		if s.do == "deaf" || s.way != 1 && s.way != 3 {
			w.net.CutPort(b, a, peerPort)
		}
		if s.do == "deaf" || s.way != 1 {
			w.net.CutAnswers(b, a, peerPort)
		}
	case "stuck":
		w.net.CutMark(a, b, s.value)
		w.net.CutMark(b, a, s.value)
	case "late":
		late := time.Duration(s.way%3+1) * 800 * time.Millisecond
		w.net.SlowMark(a, b, s.value, late)
		w.net.SlowMark(b, a, s.value, late)
	}
}

// wait is what a node's disk takes.
func (w *world) wait(p *place) {
	w.mu.Lock()
	d := p.disk
	w.mu.Unlock()
	sleep(w.ctx, d)
}
