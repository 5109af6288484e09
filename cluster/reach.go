package cluster

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
)

// reach watches this node's links, and tells everybody by gossip which are broken.
//
//	peers' links ── every reachEvery ──▶ strain of each ──▶ Report ──▶ gossip ──▶ everybody's ring
//
// For breakAfter an outage is told to no other node: calls take another way (package call), and
// copies answer. That is longer than gossip takes to notice a death, so a crash moves state once.
type reach struct {
	// static
	health *health
	host   *host.Host
	gossip *gossip.Gossip
	limit  time.Duration // see breakAfter
	again  time.Duration // after this the sink is told again
	sink   Sink          // nil: there is no gateway
	log    *slog.Logger

	// run only
	strains   strains
	told      gossip.Report
	displaced time.Time // when the sink was told so last; zero: it isn't so
}

const (
	// breakAfter is how long a link must have failed to be broken: longer than gossip takes to
	// notice a death, or the survivor of two nodes could leave itself out for the dead one.
	breakAfter     = 5 * time.Second
	fastBreakAfter = 2500 * time.Millisecond
	// mendFactor is how many times longer than it failed a link must have worked to be mended. One
	// that fails for over a fifth of the time is broken and stays so.
	mendFactor = 4
	// together is how far apart links may be found that broke for one reason. Once one connection is
	// unhealthy those of its class with other peers are asked, which takes 2.5 s.
	together = 3500 * time.Millisecond
)

// strain is how much a link has failed lately. Hysteresis is in it: it grows while the link fails,
// and shrinks mendFactor times slower while it works.
type strain struct {
	failed time.Duration
	fails  bool // now
	broken bool
}

// step is the strain after the link worked, or didn't, for a while.
func (s strain) step(works bool, d, limit time.Duration) strain {
	if works {
		s.failed = max(s.failed-d/mendFactor, 0)
	} else {
		s.failed = min(s.failed+d, limit)
	}
	s.fails = !works
	s.broken = s.failed >= limit || s.broken && s.failed > 0
	return s
}

// join breaks a link that fails, and will soon have for long enough, with another one that has. So
// a node that has lost all its links tells of all of them at once. If it told of one first, the
// ring might leave out the other end of that.
func (s strain) join(limit time.Duration) strain {
	if !s.broken && s.fails && s.failed >= limit-together {
		s.failed, s.broken = limit, true
	}
	return s
}

// strains are those of the links to all other members.
type strains map[link.Name]strain

// step is strain.step of all.
func (all strains) step(v *view.View, self link.Name, works func(link.Name) bool, d, limit time.Duration) {
	breaks := false
	for _, m := range v.Members {
		if m.Name == self {
			continue
		}
		was := all[m.Name]
		now := was.step(works(m.Name), d, limit)
		all[m.Name] = now
		breaks = breaks || now.broken && !was.broken
	}
	for name, s := range all {
		switch {
		case !v.Has(name):
			delete(all, name)
		case breaks:
			all[name] = s.join(limit)
		}
	}
}

func newReach(n *Node) *reach {
	r := &reach{
		health: &n.health, host: n.host, gossip: n.gossip, limit: breakAfter, again: n.settings.Deadline(),
		sink: n.sink, log: n.log, strains: make(strains),
	}
	if n.config.FastGossip {
		r.limit = fastBreakAfter
	}
	return r
}

// run looks at the links until ctx ends. A look that comes late counts as one: while the process
// stands still nothing can be heard, which says nothing of a link.
func (r *reach) run(ctx context.Context) {
	t := time.NewTicker(reachEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			r.look()
		}
	}
}

func (r *reach) look() {
	v := r.health.views.Load()
	works := func(name link.Name) bool { return r.works(v, name) }
	r.strains.step(v, r.health.self, works, reachEvery, r.limit)
	r.pause(v)
	r.sayDisplaced(v)
	report := reportOf(v, r.health.self, func(name link.Name) bool { return r.strains[name].broken })
	if report.Equal(r.told) {
		return
	}
	r.log.Warn("links to other nodes have changed", "broken", r.brokenIDs(), "apart", report.Apart)
	if err := r.gossip.SetReport(report); err != nil {
		r.log.Debug("report not yet told to everybody", "error", err)
	}
	r.told = report
}

// pause has nobody expire at the host while this node reaches under half of the other owners,
// whether they have gone or it is cut off: gossip will tell, or the others leave it out of the
// ring. Until then it may have been superseded.
func (r *reach) pause(v *view.View) {
	if !v.Owns(r.health.self) {
		r.host.Resume()
		return
	}
	others, lost := 0, 0
	for place, m := range v.Members {
		if m.Name != r.health.self && v.Owns(m.Name) {
			others++
			if r.health.caller.DirectAt(v, place, link.Hot) == nil {
				lost++
			}
		}
	}
	if 2*lost > others {
		r.host.Pause()
	} else {
		r.host.Resume()
	}
}

// works reports whether there is a healthy connection of each class, whoever made it.
func (r *reach) works(v *view.View, peer link.Name) bool {
	for _, c := range link.Classes {
		if r.health.caller.Direct(v, peer, c) == nil {
			return false
		}
	}
	return true
}

func (r *reach) brokenIDs() (ids []string) {
	for name, s := range r.strains {
		if s.broken {
			ids = append(ids, name.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// reportOf is what self says of its links: owners first, as rings depend on them, then gateways. A
// node that reaches under half of the other owners says that it is apart, too.
func reportOf(v *view.View, self link.Name, isBroken func(link.Name) bool) (r gossip.Report) {
	owners, lost := 0, 0
	var gateways []uint16
	for _, m := range v.Members {
		if m.Name == self {
			continue
		}
		bad := isBroken(m.Name)
		switch owns := m.Role != gossip.Gateway && m.State == gossip.Serving; {
		case owns && bad:
			owners, lost = owners+1, lost+1
			r.Broken = append(r.Broken, gossip.ShortHash(m.Name))
		case owns:
			owners++
		case bad:
			gateways = append(gateways, gossip.ShortHash(m.Name))
		}
	}
	r.Out = lost+len(gateways) > 0 && v.IsOut(self)
	r.Apart = 2*lost > owners
	if lost > gossip.MaxBroken {
		return gossip.Report{Apart: true, Out: r.Out}
	}
	r.Broken = append(r.Broken, gateways[:min(len(gateways), gossip.MaxBroken-lost)]...)
	slices.Sort(r.Broken)
	return r
}

// sayDisplaced tells the sink, at once and then each deadline.
func (r *reach) sayDisplaced(v *view.View) {
	switch {
	case !isDisplaced(v, r.health.self):
		r.displaced = time.Time{}
		return
	case !r.displaced.IsZero() && time.Since(r.displaced) < r.again:
		return
	case r.displaced.IsZero():
		r.log.Error("this node's clients are told to go elsewhere", "reason", r.health.displacedBy(v))
	}
	r.displaced = time.Now()
	if r.sink != nil {
		r.sink.Displaced()
	}
}
