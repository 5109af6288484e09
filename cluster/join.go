package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// settle is how long members must have stood still before a table is made of them: they come and go in groups.
const settle = 250 * time.Millisecond

// reportSettle is the same for what they say of their links: each end of a broken one says so at a
// moment of its own, and half of what they say would make another ring.
const reportSettle = 2*reachEvery + settle

// protocol is what all nodes of a cluster must have in common.
func protocol(partitions int, s Settings) string {
	return fmt.Sprintf("4 partitions=%d ring=%d/%g interval=%v missed=%d grace=%v record=%v linger=%v window=%v tick=%v devices=%d",
		partitions, view.Replicas, view.Load, s.HeartbeatInterval, s.MissedHeartbeats, s.Grace, s.RecordTTL, s.Linger, s.DMWindow,
		s.Tick, s.MaxDevices)
}

// ErrTwin is returned by Join when a node of this name is there already.
var ErrTwin = errors.New("another node has this name")

// Join makes the node a member, after Start: it listens for peers, looks for the seeds, and begins
// to serve. With seeds of which none answers within JoinWait it serves alone, and goes on looking
// for them; see Peers.ExpectNodes for one that must not.
func (n *Node) Join(ctx context.Context) error {
	c := n.config
	proto := protocol(n.partitions, n.settings)
	n.local = link.Local{
		Name: n.name, Cluster: c.ClusterName, Protocol: proto, TLS: c.TLS, Handler: n, Logger: n.log, Stats: &n.links,
		Members: known{n}, Dial: c.Dial, Clock: n.clock,
	}
	if err := n.gossipAt(proto); err != nil {
		return err
	}
	if err := n.findSeeds(ctx); err != nil {
		return err
	}
	if err := n.noTwin(ctx); err != nil {
		return err
	}
	skews, err := n.meet(ctx)
	if err != nil {
		return err
	}
	if err := judge(skews); err != nil {
		return err
	}
	if err := n.gossip.SetState(gossip.Serving); err != nil {
		n.log.Debug("state not yet told to everybody", "error", err)
	}
	n.joined.Store(true)
	running, cancel := context.WithCancel(context.Background())
	stop := n.stop
	n.stop = func() { cancel(); stop() }
	n.look()
	n.loops.Go(func() { n.follow(running) })
	n.loops.Go(func() { n.steward.run(running) })
	n.loops.Go(func() { newReach(n).run(running) })
	n.loops.Go(func() { n.awaitNodes(running) })
	n.loops.Go(func() { n.store.Tell(running, func(words string) { n.tellDisk(running, words) }) })
	n.loops.Go(func() { n.sweep(running) })
	return nil
}

// gossipAt opens the ports for other nodes, if there are to be any, and begins to gossip.
func (n *Node) gossipAt(proto string) (err error) {
	c := n.config
	g := gossip.Config{
		Name: n.name, Role: n.role, Bind: c.GossipListen, Advertise: c.Advertise, ClusterName: c.ClusterName, Protocol: proto,
		KeyFile: c.KeyFile, KeyFailures: c.KeyFailures, Seeds: c.Seeds, Expect: c.ExpectNodes, Transport: c.Transport, Lookup: c.Lookup, Logger: n.log,
	}
	if c.FastGossip {
		g.Timings = gossip.Fast
	}
	if c.Listener == nil {
		g.Bind, g.Transport = "127.0.0.1:0", gossip.Nowhere()
	} else {
		n.server = link.Serve(&n.local, c.Listener)
		_, port, err := net.SplitHostPort(c.Listener.Addr().String())
		if err != nil {
			return err
		}
		if g.PeerPort, err = net.LookupPort("tcp", port); err != nil {
			return err
		}
	}
	if n.gossip, err = gossip.New(g); err != nil {
		return err
	}
	n.expect.gossip.Store(n.gossip)
	return nil
}

func (n *Node) findSeeds(ctx context.Context) error {
	if len(n.config.Seeds) == 0 {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, n.config.JoinWait)
	defer cancel()
	found, err := n.gossip.Join(waiting)
	if err != nil {
		return fmt.Errorf("join refused: %w", err)
	}
	if found {
		n.store.DropOld()
		n.outdate()
	}
	if !found && n.gossip.ForeignSeeds(ctx) {
		n.steward.doubts.Store(true)
	}
	if !found && waiting.Err() != nil {
		n.log.Warn("no seed answered; serving alone, still retrying", "seeds", n.config.Seeds, "after", n.config.JoinWait,
			"reasons", texts(n.gossip.Trouble()))
	}
	return nil
}

// outdate: where others serve, this node has missed what they acknowledged since what it has loaded was written.
func (n *Node) outdate() {
	for _, m := range n.gossip.Members() {
		if m.State == gossip.Serving && m.Name != n.name {
			n.host.Outdate()
			return
		}
	}
}

// noTwin returns ErrTwin if another process has this node's id and answers. One that is only remembered, because this node has
// just been started again, does not.
func (n *Node) noTwin(ctx context.Context) error {
	members := n.gossip.Members()
	self := members[slices.IndexFunc(members, func(m gossip.Member) bool { return m.Name == n.name })]
	for _, m := range members {
		if m.Name.ID != n.name.ID || m.Name == n.name || m.Peer == self.Peer { // who had this address has gone
			continue
		}
		if _, alive := n.probe(ctx, m); alive {
			return fmt.Errorf("%w: %q is alive at %s; give this one another --node-id", ErrTwin, m.Name.ID, m.Peer)
		}
	}
	return nil
}

// probe says whether a boot of a node takes a connection, and how far its clock is ahead.
func (n *Node) probe(ctx context.Context, m gossip.Member) (ahead time.Duration, alive bool) {
	p := link.Dial(&n.local, m.Name, m.Peer)
	defer p.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if c := p.Conn(link.Hot); c != nil {
			return c.Ahead(), true
		}
		pause(ctx, 20*time.Millisecond)
	}
	return 0, false
}

// ErrClock is returned by Join when this node's clock is too far from that of the others.
var ErrClock = errors.New("this node's clock is off")

// maxSkew is how far clocks may be apart. Facts are stamped with the time, and those from over a minute ahead are refused
// (shard.MaxAheadMillis).
const maxSkew = 30 * time.Second

// checkClock logs a clock that is too far off: it may have gone wrong after its node has joined.
func (n *Node) checkClock(c *link.Conn) {
	if ahead := c.Ahead(); ahead.Abs() > maxSkew {
		n.log.Error("a clock is off: what is stamped by the one that is ahead may be refused",
			"peer", c.Peer().ID, "ahead", ahead)
	}
}

// maxProbes is how many nodes are looked at.
const maxProbes = 5

// ErrUnlinked is returned by Join when other nodes gossip with this one, but links between them don't come about.
var ErrUnlinked = errors.New("no link to the other nodes")

// For how long links are waited for: longer than gossip takes to notice that the others have died meanwhile.
const (
	meetWait     = 15 * time.Second
	fastMeetWait = 4 * time.Second
)

// meet waits until another node is reached, and this one was reached by another, and returns how far the clocks of those who answer are
// ahead. On the ring, a node without links would own what nobody can ask it for, and know nothing of what the others know. One that sees
// nobody else has nobody to meet.
func (n *Node) meet(ctx context.Context) (skews []time.Duration, err error) {
	wait := meetWait
	if n.config.FastGossip {
		wait = fastMeetWait
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		others := n.others()
		if len(others) == 0 {
			return nil, nil
		}
		if skews = n.skews(waiting, others); len(skews) > 0 && n.reached.Load() || ctx.Err() != nil {
			return skews, nil
		}
		if waiting.Err() != nil {
			return nil, n.unlinked(others)
		}
		pause(waiting, 20*time.Millisecond)
	}
}

// others are some of the other nodes that gossip knows.
func (n *Node) others() (others []gossip.Member) {
	for _, m := range n.gossip.Members() {
		if m.Name.ID != n.name.ID && len(others) < maxProbes {
			others = append(others, m)
		}
	}
	return others
}

// unlinked says in which direction it fails, and what to look at.
func (n *Node) unlinked(others []gossip.Member) error {
	if n.reached.Load() {
		return fmt.Errorf("%w: they gossip, but this one cannot reach %q at %s, for example, as the warnings above say; check --peer-tls-cert and --peer-tls-ca, "+
			"and that the others' --peer-listen lets it in", ErrUnlinked, others[0].Name.ID, others[0].Peer)
	}
	return fmt.Errorf("%w: they gossip, but none has reached this one; check its --peer-listen, --advertise-address, --peer-tls-cert and --peer-tls-ca, "+
		"and look for its name in the log of %q", ErrUnlinked, others[0].Name.ID)
}

// skews is how far the clocks of those who answer are ahead.
func (n *Node) skews(ctx context.Context, members []gossip.Member) (skews []time.Duration) {
	var mu sync.Mutex
	call.Each(len(members), maxProbes, func(i int) {
		if ahead, alive := n.probe(ctx, members[i]); alive {
			mu.Lock()
			defer mu.Unlock()
			skews = append(skews, ahead)
		}
	})
	return skews
}

// judge returns ErrClock if this node's clock is far from those of most others: what it would stamp they would refuse, or it would refuse
// theirs.
func judge(skews []time.Duration) error {
	var off time.Duration
	far := 0
	for _, s := range skews {
		if s.Abs() > maxSkew {
			far++
			off = s
		}
	}
	if 2*far <= len(skews) {
		return nil
	}
	return fmt.Errorf("%w: another node's is %v ahead of it; they must be within %v, so set it, by NTP for example", ErrClock,
		off.Round(time.Second), maxSkew)
}

// follow makes a new view when the members have changed and then stood still.
func (n *Node) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.gossip.Changed():
		}
		pause(ctx, settle)
		if n.onlyReports() {
			pause(ctx, reportSettle-settle)
		}
		n.look()
	}
}

// onlyReports reports whether the members differ from those of the view in nothing but what they
// say of their links.
func (n *Node) onlyReports() bool {
	return slices.EqualFunc(n.view.Load().Members, view.Newest(n.gossip.Members()), func(a, b gossip.Member) bool {
		a.Report, b.Report = gossip.Report{}, gossip.Report{}
		return a.Equal(b)
	})
}

// look makes a view of the members, links to them, and has everybody act on it.
func (n *Node) look() {
	n.looking.Lock()
	defer n.looking.Unlock()
	old := n.view.Load()
	v := view.New(n.gossip.Members(), n.partitions, old)
	if v.Key == old.Key && slices.EqualFunc(v.Members, old.Members, gossip.Member.Equal) && old.Peers != nil {
		return
	}
	n.link(old, v)
	n.view.Store(v)
	close(old.Gone)
	if v.Table != nil {
		n.log.Info("members changed", "members", len(v.Members), "table", v.Table.Fingerprint(), "partitions", v.Table.Owned(n.name.ID))
	}
	n.sayTwin(old, v)
	n.feed.Follow(old, v)
	poke(n.steward.wake)
}

// sayTwin: two processes with one id may meet when a cut is healed, after both have joined. The newer counts; the older one has no
// partitions any more, and somebody has to know why. One that has just been started again is still joining while its former boot
// is remembered.
func (n *Node) sayTwin(old, v *view.View) {
	counts, before := v.Boot(n.name.ID), old.Boot(n.name.ID)
	if counts == n.name || counts == before || !n.joined.Load() {
		return
	}
	n.log.Error("another process has this node's id, and counts in its place; stop one of the two, or give it another --node-id",
		"node", n.name.ID, "boot", n.name.Boot, "counts", counts.Boot)
}

// link dials those who have come and lets go of those who have gone.
func (n *Node) link(old, v *view.View) {
	v.Peers = make([]*link.Peer, len(v.Members))
	for place, m := range v.Members {
		if m.Name == n.name {
			continue
		}
		p := old.Peer(m.Name)
		if p == nil {
			p = link.Dial(&n.local, m.Name, m.Peer)
		}
		v.Peers[place] = p
	}
	for _, p := range old.Links() {
		if v.Peer(p.Name()) == nil {
			n.running.Go(p.Close)
		}
	}
	n.replica.Prune(v.Has)
}

// Drain hands over all that this node has, until it is done or ctx ends, and leaves.
func (n *Node) Drain(ctx context.Context) error {
	if n.gossip == nil {
		return nil
	}
	if err := n.gossip.SetState(gossip.Draining); err != nil {
		n.log.Debug("draining not yet told to everybody", "error", err)
	}
	n.look()
	err := n.steward.empty(ctx)
	if left := n.gossip.Leave(); left != nil {
		n.log.Debug("leaving not yet told to everybody", "error", left) // who hasn't heard finds out
	}
	return err
}
