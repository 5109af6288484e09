package cluster

import (
	"context"
	"fmt"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// Opened is part of link.Handler.
func (n *Node) Opened(c *link.Conn) {
	if !c.Dialed() {
		n.reached.Store(true)
		n.caller.Opened(c)
	}
	switch {
	case c.Class() != link.Events:
		return
	case c.Dialed():
		n.feed.Opened(c.Peer())
	default:
		n.gateways.Opened(c)
	}
	n.checkClock(c)
}

// Closed is part of link.Handler.
func (n *Node) Closed(c *link.Conn) {
	n.caller.Closed(c)
	n.gateways.Closed(c)
}

// Push is part of link.Handler: what wants no answer.
func (n *Node) Push(c *link.Conn, op byte, payload []byte) {
	var err error
	switch op {
	case message.OpBeats:
		n.takeBeats(c, payload)
	case message.OpExceptions:
		n.takeExceptions(payload)
	case message.OpUnwatch:
		err = n.gateways.Unwatch(c, payload)
	case message.OpUpdates:
		err = n.feed.Updates(c.Peer(), payload)
	case message.OpEviction:
		err = n.feed.Eviction(payload)
	case message.OpMoved:
		err = n.feed.Moved(payload)
	default:
		err = fmt.Errorf("%w: push of kind %d", message.ErrDamaged, op)
	}
	if err != nil {
		n.log.Error("push refused", "peer", c.Peer().ID, "error", err)
		c.Close()
	}
}

// Call is part of link.Handler: what a peer asks.
func (n *Node) Call(ctx context.Context, r link.Request) {
	switch r.Method {
	case message.OpWatch:
		n.gateways.Watch(r)
		return
	case message.OpOnward:
		n.caller.PassOn(ctx, r)
		return
	}
	reply, err := n.answer(ctx, r.Conn.Peer(), r.Method, r.Payload)
	if err != nil {
		n.log.Error("call refused", "peer", r.Conn.Peer().ID, "op", r.Method, "error", err)
		r.Fail(err)
		return
	}
	r.Reply(reply)
}

func (n *Node) answer(ctx context.Context, from link.Name, op byte, payload []byte) ([]byte, error) {
	d := message.NewReader(payload)
	switch op {
	case message.OpRest:
		return n.answerRest(ctx, d)
	case message.OpAttach, message.OpAnnounce, message.OpFlip:
		return n.answerDevice(ctx, op, d)
	case message.OpDetach, message.OpGoodbye, message.OpSignOut:
		return n.answerWrite(ctx, op, d)
	case message.OpOverride, message.OpKind, message.OpWindow:
		return n.answerFact(ctx, op, d)
	case message.OpErase:
		return n.answerErase(ctx, d)
	case message.OpStrike:
		return n.answerStrike(ctx, d)
	case message.OpErasures:
		return n.answerErasures(d)
	case message.OpAccount:
		return n.answerAccount(d)
	case message.OpInspect:
		return n.answerInspect(d)
	case message.OpStates:
		d.Share()
		viewer, ids := d.Viewer(), d.Participants()
		if err := d.End(); err != nil {
			return nil, err
		}
		return n.statesHere(viewer, ids), nil
	case message.OpHeartbeats:
		return n.answerHeartbeats(ctx, d)
	case message.OpFigures:
		return n.answerFigures(d)
	case message.OpDisk:
		return n.takeDisk(from, d)
	case message.OpHoldings:
		return n.holdings(from, d)
	case message.OpTake:
		return n.takePush(ctx, from, d)
	case message.OpReplicate:
		return n.receiver.Take(ctx, from, d)
	case message.OpSettled:
		return n.aboutPartitions(d, n.isSettled)
	case message.OpBehind:
		return n.aboutPartitions(d, func(_ *view.View, partition int) bool { return n.sendAgain(from, partition) })
	case message.OpGlimpse:
		return n.gateways.Glimpse(d)
	case message.OpPassed:
		return n.answerPassed(ctx, from, payload)
	default:
		return nil, fmt.Errorf("%w: call of kind %d", message.ErrDamaged, op)
	}
}

// Lane is part of link.Handler.
func (n *Node) Lane(op byte, payload []byte) link.Lane { return call.Lane(op, payload) }

// answerPassed answers a call that another node has passed on, for a member that can't come itself.
// A node speaks for itself by its own connection, which its certificate names.
func (n *Node) answerPassed(ctx context.Context, via link.Name, payload []byte) ([]byte, error) {
	from, op, rest, err := call.ReadPassed(payload)
	if err != nil {
		return nil, err
	}
	if from == n.name || from == via || !n.isMember(from) {
		return nil, fmt.Errorf("cluster: %s passes on a call of %s, which is no other member", via.ID, from.ID)
	}
	return n.answer(ctx, from, op, rest)
}

// isMember reports whether a node is one in this one's eyes. A node that joins has no view yet.
func (n *Node) isMember(name link.Name) bool {
	return n.view.Load().Has(name) || known{n}.Knows(name)
}

func (n *Node) answerDevice(ctx context.Context, op byte, d *message.Reader) ([]byte, error) {
	if op == message.OpFlip {
		handle, a := d.Handle(), d.Activity()
		if err := d.End(); err != nil {
			return nil, err
		}
		return []byte{byte(n.beatHere(ctx, handle, a))}, nil
	}
	participant, device, a := d.Participant(), d.Device(), d.Activity()
	if op == message.OpAttach {
		if err := d.End(); err != nil {
			return nil, err
		}
		handle, session, o := n.attachHere(ctx, participant, device, a)
		return message.AppendUint64(message.AppendHandle([]byte{byte(o)}, handle), uint64(session)), nil
	}
	session := shard.Version(d.Uint64())
	picked := host.Picked{Override: d.Override(), Version: shard.Version(d.Uint64())}
	if err := d.End(); err != nil {
		return nil, err
	}
	handle, o := n.announceHere(ctx, participant, device, a, session, picked)
	return message.AppendHandle([]byte{byte(o)}, handle), nil
}

func (n *Node) answerWrite(ctx context.Context, op byte, d *message.Reader) ([]byte, error) {
	participant := d.Participant()
	var write func() shard.Outcome
	switch op {
	case message.OpDetach, message.OpGoodbye:
		here := n.host.Detach
		if op == message.OpGoodbye {
			here = n.host.Goodbye
		}
		device, session := d.Device(), shard.Version(d.Uint64())
		write = func() shard.Outcome { return n.leaveHere(ctx, participant, device, session, here) }
	case message.OpSignOut:
		device := d.Device()
		write = func() shard.Outcome { return n.signOutHere(ctx, participant, device) }
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return []byte{byte(write())}, nil
}

// answerFact answers with the outcome, and with which disk is to blame for it.
func (n *Node) answerFact(ctx context.Context, op byte, d *message.Reader) ([]byte, error) {
	participant := d.Participant()
	var write func() shard.Outcome
	switch op {
	case message.OpOverride:
		o := d.Override()
		write = func() shard.Outcome { return n.host.SetOverride(participant, o) }
	case message.OpKind:
		k := shard.Kind(d.Byte())
		if k > shard.KindHelper {
			d.Failf("%v", k)
		}
		write = func() shard.Outcome { return n.host.SetKind(participant, k) }
	case message.OpWindow:
		peer, at := d.Participant(), int64(d.Uint64())
		write = func() shard.Outcome { return n.host.OpenWindow(participant, peer, at) }
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	o, words := n.factOf(ctx, participant, write)
	return codec.AppendText([]byte{byte(o)}, bounded(words)), nil
}

func (n *Node) answerInspect(d *message.Reader) ([]byte, error) {
	viewer, id, devices := d.Viewer(), d.Participant(), d.Byte() == 1
	if err := d.End(); err != nil {
		return nil, err
	}
	r, ok := n.host.Inspect(viewer, id, devices)
	o := shard.Done
	if !ok {
		o = shard.NotMine
	}
	return appendRecord([]byte{byte(o)}, &r), nil
}

func (n *Node) answerHeartbeats(ctx context.Context, d *message.Reader) ([]byte, error) {
	d.Share()
	beats := make([]Heartbeat, d.Count(1+1+1+1+1))
	for i := range beats {
		beats[i] = Heartbeat{Participant: d.Participant(), Device: d.Device(), Activity: d.Activity()}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	outcomes := make([]shard.Outcome, len(beats))
	n.heartbeatsHere(ctx, beats, outcomes)
	reply := make([]byte, len(outcomes))
	for i, o := range outcomes {
		reply[i] = byte(o)
	}
	return reply, nil
}
