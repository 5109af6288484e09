package gossip

import (
	"fmt"
	"time"

	"github.com/hashicorp/memberlist"
)

// note stores what a callback says of a node. memberlist's lock is held, so the node is copied, and
// memberlist is not called.
func (g *Gossip) note(n *memberlist.Node, gone bool) {
	m, _, err := parse(n)
	g.mu.Lock()
	defer g.mu.Unlock()
	if gone || err != nil {
		if _, was := g.members[n.Name]; was && m.Name != g.self.Name {
			g.lost[n.Address()] = time.Now()
			g.former.add(m.Name, time.Now())
		}
		delete(g.members, n.Name)
		delete(g.suspects.since, n.Name)
	} else {
		g.members[n.Name] = located{m, n.Address()}
		delete(g.former, m.Name)
		close(g.arrival)
		g.arrival = make(chan struct{})
		g.count()
	}
	g.pacing.SuspicionMult = suspicionMult(g.suspicion, len(g.members))
	g.changed.Raise()
}

// fits returns why a node can't be in one cluster with this one, or nil.
func (g *Gossip) fits(n *memberlist.Node) error {
	_, there, err := parse(n)
	if err == nil {
		here := g.config.Terms
		here.Later = "" // links compare it
		err = here.Fits(there)
	}
	if err != nil {
		return fmt.Errorf("node %.80q: %w", n.Name, err)
	}
	return nil
}

type delegate struct{ *Gossip }

func (d delegate) NodeMeta(int) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.meta
}
func (delegate) NotifyMsg([]byte)                {}
func (delegate) GetBroadcasts(int, int) [][]byte { return nil }
func (delegate) LocalState(bool) []byte          { return nil }
func (delegate) MergeRemoteState([]byte, bool)   {}

type events struct{ *Gossip }

func (e events) NotifyJoin(n *memberlist.Node)   { e.note(n, false) }
func (e events) NotifyUpdate(n *memberlist.Node) { e.note(n, false) }
func (e events) NotifyLeave(n *memberlist.Node)  { e.note(n, true) }

type merges struct{ *Gossip }

func (m merges) NotifyMerge(peers []*memberlist.Node) error {
	others := false
	for _, p := range peers {
		others = others || p.Name != m.config.Name.String()
		if p.State != memberlist.StateAlive {
			continue
		}
		if err := m.fits(p); err != nil {
			m.mu.Lock()
			m.refused = err
			m.mu.Unlock()
			m.trouble(otherConstants, p.Address(), err.Error())
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.echo = !others
	return nil
}

type alive struct{ *Gossip }

func (a alive) NotifyAlive(n *memberlist.Node) error {
	err := a.fits(n)
	if err != nil {
		a.trouble(otherConstants, n.Address(), err.Error())
	}
	return err
}
