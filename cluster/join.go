package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
)

// Join makes the node a member, after Start: it listens for peers, looks for the seeds, and begins
// to serve. With seeds of which none answers within JoinWait it serves alone, and goes on looking
// for them; see Peers.ExpectNodes for one that must not.
func (n *Node) Join(ctx context.Context) error {
	n.local = link.Local{
		Name: n.name, Cluster: n.config.ClusterName, Terms: terms(n.config.speaks(), n.partitions, n.settings),
		TLS: n.config.TLS, Handler: n.handler, Logger: n.log, Stats: &n.links, Pulses: link.NewPulses(), Members: &n.known,
		Dial: n.config.Dial, Clock: n.clock,
	}
	j := joining{config: n.config, local: &n.local, role: n.role, reached: &n.handler.reached, log: n.log}
	var err error
	n.server, err = j.open()
	if err != nil {
		return err
	}
	n.gossip = j.gossip
	n.known.gossip.Store(n.gossip)
	n.members = newMembers(n)
	found, foreign, err := j.findSeeds(ctx)
	if err != nil {
		return err
	}
	if n.store.Old() {
		n.steward.HasOld()
	}
	if found && j.othersServe() {
		n.host.Outdate()
	}
	if foreign {
		n.steward.MetNobody(n.expect.known)
	}
	if n.empties && (found || foreign) {
		n.steward.WasAmongOthers()
	}
	if err := j.check(ctx); err != nil {
		return err
	}
	if err := n.gossip.SetState(gossip.Serving); err != nil {
		n.log.Debug("state not yet told to everybody", "error", err)
	}
	n.joined.Store(n.gossip)
	n.act()
	return nil
}

// act makes the node act by itself on what becomes of the members, until it stops.
func (n *Node) act() {
	running, cancel := context.WithCancel(context.Background())
	stop := n.stop
	n.stop = func() { cancel(); stop() }
	n.members.look()
	for _, loop := range []func(ctx context.Context){
		n.members.follow, n.steward.Run, newReach(n).run, n.noteCluster, n.disks.tell, n.sweeper.Run,
	} {
		n.loops.Go(func() { loop(running) })
	}
}

// Drain hands over all that this node has, until it is done or ctx ends, and leaves.
func (n *Node) Drain(ctx context.Context) error {
	if n.members == nil {
		return nil
	}
	if err := n.gossip.SetState(gossip.Draining); err != nil {
		n.log.Debug("draining not yet told to everybody", "error", err)
	}
	n.members.look()
	err := n.steward.Empty(ctx)
	if left := n.gossip.Leave(); left != nil {
		n.log.Debug("leaving not yet told to everybody", "error", left) // who hasn't heard finds out
	}
	return err
}
