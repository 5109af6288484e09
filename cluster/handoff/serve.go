package handoff

import (
	"context"
	"slices"
	"time"
)

// collect asks what others hold of what this node owns. What nobody else holds it serves.
func (s *Steward) collect(ctx context.Context, i instant, open actions) {
	if len(open) == 0 {
		return
	}
	s.askAll(ctx, i)
	if ctx.Err() != nil || !s.at(i, func(b *book) { b.asked, b.old = true, false }) {
		return
	}
	var promoted []int
	for _, a := range open {
		if s.serve(i, a.partition) {
			promoted = append(promoted, a.partition)
		}
	}
	if len(promoted) > 0 {
		s.Logger.Info("took over", "promoted", len(promoted), "asked", len(open))
		// A copy that is promoted a second time lets the others go: its owner tells it who has
		// beaten.
		time.AfterFunc(s.Beaten, func() { s.Replica.Refill(promoted) })
	}
	s.form(i)
	if slices.ContainsFunc(open, func(a action) bool { return !s.owns(i, a.partition) }) {
		s.wake.Raise() // what an old disk had can be pushed now
	}
}

func (s *Steward) owns(i instant, partition int) bool {
	owner, _ := i.Owner(partition)
	return owner == s.Self
}

// serve begins to serve a partition if nothing of it is still to come, and gives it its backup. It
// reports whether a copy was promoted.
func (s *Steward) serve(i instant, partition int) (promoted bool) {
	s.atOrHold(i, partition, func(b *book) (began bool) {
		for _, a := range b.plan(partition, s.holding(partition)) {
			began = s.begin(b, a) || began
			promoted = promoted || a.promotes
		}
		return began
	})
	return promoted
}

// begin carries out an action for a partition that this node owns, and reports whether it is served
// from now on. s.mu is held.
func (s *Steward) begin(b *book, a action) (began bool) {
	p := a.partition
	switch a.do {
	case miss:
		s.Host.Miss(p)
	case assign:
		s.Replica.Assign(p, a.peer)
		b.backed[p] = true
	case serve, doubt, distrust, warm:
		bare := b.isBare(p, s.holding(p))
		b.began(p)
		s.Replica.Release(p) // what the backup had before may be less, or another's: it is filled
		s.start(a)
		b.bares(p, bare && (a.do == doubt || a.do == distrust))
		if bare && a.do == serve {
			s.Store.Save(p)
		}
		return true
	}
	return false
}

// keepBare keeps on disk that nobody is in those of some partitions that began in doubt. After a
// stop of all it must be known here that there was nobody. Others who come later take what they
// have for partial, and only those who were never seen would be unknown. s.mu is held.
func (s *Steward) keepBare(b *book, partitions []int) {
	for _, p := range partitions {
		if _, bare := b.bare[p]; bare {
			delete(b.bare, p)
			s.Store.Save(p)
		}
	}
}

func (s *Steward) start(a action) {
	switch a.do {
	case warm:
		s.Lost.Add(1)
		s.Host.Warm(a.partition)
	case doubt:
		s.Host.Doubt(a.partition)
	case distrust:
		s.Host.Distrust(a.partition)
	default:
		s.Host.Serve(a.partition)
	}
	if a.promotes {
		s.Promoted.Add(1)
	}
}
