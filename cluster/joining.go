package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/wake"
)

// ErrTwin is returned by Join when a node of this name is there already.
var ErrTwin = errors.New("another node has this name")

// joining is what a node does before it is a member.
type joining struct {
	// static
	config  *Peers
	role    gossip.Role
	local   *link.Local
	reached *atomic.Bool // by another node, over a link
	log     *slog.Logger

	gossip *gossip.Gossip // made by open
}

// open opens the ports for other nodes, if there are to be any, and begins to gossip. server may
// have to be closed after an error, too.
func (j *joining) open() (server *link.Server, err error) {
	c := j.config
	g := gossip.Config{
		Name: j.local.Name, Role: j.role, Bind: c.GossipListen, Advertise: c.Advertise, ClusterName: c.ClusterName,
		Terms: j.local.Terms, KeyFile: c.KeyFile, KeyFailures: c.KeyFailures, Seeds: c.Seeds,
		Expect: c.ExpectNodes, Transport: c.Transport, Lookup: c.Lookup, Logger: j.log,
	}
	if c.FastGossip {
		g.Timings = gossip.Fast
	}
	if c.Listener == nil {
		g.Bind, g.Transport = "127.0.0.1:0", gossip.Nowhere()
	} else {
		server = link.Serve(j.local, c.Listener)
		_, port, err := net.SplitHostPort(c.Listener.Addr().String())
		if err != nil {
			return server, err
		}
		if g.PeerPort, err = net.LookupPort("tcp", port); err != nil {
			return server, err
		}
	}
	j.gossip, err = gossip.New(g)
	return server, err
}

// findSeeds looks for the seeds. foreign reports whether nodes were found there that this one must
// not join.
func (j *joining) findSeeds(ctx context.Context) (found, foreign bool, err error) {
	if len(j.config.Seeds) == 0 {
		return false, false, nil
	}
	waiting, cancel := context.WithTimeout(ctx, j.config.JoinWait)
	defer cancel()
	if found, err = j.gossip.Join(waiting); err != nil {
		return false, false, fmt.Errorf("join refused: %w", err)
	}
	foreign = !found && j.gossip.ForeignSeeds(ctx)
	if !found && waiting.Err() != nil {
		j.log.Warn("no seed answered; serving alone, still retrying", "seeds", j.config.Seeds,
			"after", j.config.JoinWait, "reasons", texts(j.gossip.Trouble()))
	}
	return found, foreign, nil
}

// othersServe reports whether there is a cluster that serves: this node has missed what was
// acknowledged there since what it has loaded was written.
func (j *joining) othersServe() bool {
	return slices.ContainsFunc(j.gossip.Members(), func(m gossip.Member) bool {
		return m.State == gossip.Serving && m.Name != j.local.Name
	})
}

// check returns why this node must not be a member, or nil.
func (j *joining) check(ctx context.Context) error {
	if err := j.noTwin(ctx); err != nil {
		return err
	}
	skews, err := j.meet(ctx)
	if err != nil {
		return err
	}
	return judge(skews)
}

// noTwin returns ErrTwin if another process has this node's id and answers. One that is only
// remembered, because this node has just been started again, does not.
func (j *joining) noTwin(ctx context.Context) error {
	members := j.gossip.Members()
	self := members[slices.IndexFunc(members, func(m gossip.Member) bool { return m.Name == j.local.Name })]
	for _, m := range members {
		if m.Name.ID != j.local.Name.ID || m.Name == j.local.Name || m.Peer == self.Peer {
			continue // the process that had this address has gone
		}
		if _, alive := j.probe(ctx, m); alive {
			return fmt.Errorf("%w: %q is alive at %s; give this one another --node-id", ErrTwin, m.Name.ID, m.Peer)
		}
	}
	return nil
}

// probe reports whether a boot of a node takes a connection, and how far its clock is ahead.
func (j *joining) probe(ctx context.Context, m gossip.Member) (ahead time.Duration, alive bool) {
	p := link.Dial(j.local, m.Name, m.Peer)
	defer p.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if c := p.Conn(link.Hot); c != nil {
			return c.Ahead(), true
		}
		wake.Pause(ctx, 20*time.Millisecond)
	}
	return 0, false
}

// ErrClock is returned by Join when this node's clock is too far from that of the others.
var ErrClock = errors.New("this node's clock is off")

// maxSkew is how far clocks may be apart. Facts are stamped with the time, and those from over a
// minute ahead are refused (shard.MaxAheadMillis).
const maxSkew = 30 * time.Second

// maxProbes is how many nodes are looked at.
const maxProbes = 5

// ErrUnlinked is returned by Join when other nodes gossip with this one, but links between them
// don't come about.
var ErrUnlinked = errors.New("no link to the other nodes")

// For how long links are waited for: longer than gossip takes to notice that the others have died
// meanwhile.
const (
	meetWait     = 15 * time.Second
	fastMeetWait = 4 * time.Second
)

// meet waits until another node is reached, and this one was reached by another, and returns how
// far the clocks of those who answer are ahead. On the ring, a node without links would own what
// nobody can ask it for, and know nothing of what the others know. One that sees nobody else has
// nobody to meet.
func (j *joining) meet(ctx context.Context) (skews []time.Duration, err error) {
	wait := meetWait
	if j.config.FastGossip {
		wait = fastMeetWait
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		others := j.others()
		if len(others) == 0 {
			return nil, nil
		}
		if skews = j.skews(waiting, others); len(skews) > 0 && j.reached.Load() || ctx.Err() != nil {
			return skews, nil
		}
		if waiting.Err() != nil {
			return nil, j.unlinked(others)
		}
		wake.Pause(waiting, 20*time.Millisecond)
	}
}

// others are some of the other nodes that gossip knows.
func (j *joining) others() (others []gossip.Member) {
	for _, m := range j.gossip.Members() {
		if m.Name.ID != j.local.Name.ID && len(others) < maxProbes {
			others = append(others, m)
		}
	}
	return others
}

// unlinked says in which direction it fails, and what to look at.
func (j *joining) unlinked(others []gossip.Member) error {
	if j.reached.Load() {
		return fmt.Errorf("%w: they gossip, but this one cannot reach %q at %s, for example,"+
			" as the warnings above say; check --peer-tls-cert and --peer-tls-ca,"+
			" and that the others' --peer-listen lets it in", ErrUnlinked, others[0].Name.ID, others[0].Peer)
	}
	return fmt.Errorf("%w: they gossip, but none has reached this one, as warnings above may say; "+
		"check its --peer-listen, --advertise-address, --peer-tls-cert and --peer-tls-ca, "+
		"and look for its name in the log of %q", ErrUnlinked, others[0].Name.ID)
}

// skews is how far the clocks of those who answer are ahead.
func (j *joining) skews(ctx context.Context, members []gossip.Member) (skews []time.Duration) {
	var mu sync.Mutex
	call.Each(len(members), maxProbes, func(i int) {
		if ahead, alive := j.probe(ctx, members[i]); alive {
			mu.Lock()
			defer mu.Unlock()
			skews = append(skews, ahead)
		}
	})
	return skews
}

// judge returns ErrClock if this node's clock is far from those of most others: what it would stamp
// they would refuse, or it would refuse theirs.
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
	return fmt.Errorf("%w: another node's is %v ahead of it;"+
		" they must be within %v, so set it, by NTP for example", ErrClock,
		off.Round(time.Second), maxSkew)
}
