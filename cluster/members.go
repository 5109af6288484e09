package cluster

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/wake"
)

// members makes this node's views, of those that gossip sees.
type members struct {
	// static
	gossip     *gossip.Gossip
	local      *link.Local
	partitions int
	views      *atomic.Pointer[view.View]
	joined     *atomic.Pointer[gossip.Gossip] // nil until others have been told that this node serves
	before     func(v *view.View)             // called with the next view, before it is the view
	after      func(old, v *view.View)        // called when it is
	running    *sync.WaitGroup
	log        *slog.Logger

	mu sync.Mutex // serialises look
}

// settle is how long members must have stood still before a table is made of them: they come and go
// in groups.
const settle = 250 * time.Millisecond

// reachEvery is how often links are looked at.
const reachEvery = 500 * time.Millisecond

// reportSettle is the same for what they say of their links: each end of a broken one says so at a
// moment of its own, and half of what they say would make another ring.
const reportSettle = 2*reachEvery + settle

func newMembers(n *Node) *members {
	return &members{
		gossip: n.gossip, local: &n.local, partitions: n.partitions, views: &n.view, joined: &n.joined,
		running: &n.running, log: n.log,
		before: func(v *view.View) { n.replica.Prune(v.Has) },
		after: func(old, v *view.View) {
			n.feed.Follow(old, v)
			n.steward.Follow()
		},
	}
}

// follow makes a new view when the members have changed and then stood still.
func (m *members) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.gossip.Changed():
		}
		wake.Pause(ctx, settle)
		if m.onlyReports() {
			wake.Pause(ctx, reportSettle-settle)
		}
		m.look()
	}
}

// onlyReports reports whether the members differ from those of the view in nothing but what they
// say of their links.
func (m *members) onlyReports() bool {
	return slices.EqualFunc(m.views.Load().Members, view.Newest(m.gossip.Members()), func(a, b gossip.Member) bool {
		a.Report, b.Report = gossip.Report{}, gossip.Report{}
		return a.Equal(b)
	})
}

// look installs a view of the current members: it links to them, and has the rest of the node act
// on it.
func (m *members) look() {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.views.Load()
	v := view.New(m.gossip.Members(), m.partitions, old)
	if v.Key == old.Key && slices.EqualFunc(v.Members, old.Members, gossip.Member.Equal) && old.Peers != nil {
		return
	}
	m.link(old, v)
	m.views.Store(v)
	close(old.Gone)
	if v.Table != nil {
		m.log.Info("members changed", "members", len(v.Members), "table", v.Table.Fingerprint(),
			"partitions", v.Table.Owned(m.local.Name.ID), "protocol", v.Protocol)
	}
	m.sayTwin(old, v)
	m.after(old, v)
}

// sayTwin: two processes with one id may meet when a cut is healed, after both have joined. The
// newer counts; the older one has no partitions any more, and somebody has to know why. One that
// has just been started again is still joining while its former boot is remembered.
func (m *members) sayTwin(old, v *view.View) {
	counts, before := v.Boot(m.local.Name.ID), old.Boot(m.local.Name.ID)
	if counts == m.local.Name || counts == before || m.joined.Load() == nil {
		return
	}
	m.log.Error("another process has this node's id, and counts in its place;"+
		" stop one of the two, or give it another --node-id",
		"node", m.local.Name.ID, "boot", m.local.Name.Boot, "counts", counts.Boot)
}

// link dials those who have come and lets go of those who have gone.
func (m *members) link(old, v *view.View) {
	v.Peers = make([]*link.Peer, len(v.Members))
	for place, o := range v.Members {
		if o.Name == m.local.Name {
			continue
		}
		p := old.Peer(o.Name)
		if p == nil {
			p = link.Dial(m.local, o.Name, o.Peer)
		}
		v.Peers[place] = p
	}
	for _, p := range old.Links() {
		if v.Peer(p.Name()) == nil {
			m.running.Go(p.Close)
		}
	}
	m.before(v)
}
