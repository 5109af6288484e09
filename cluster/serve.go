package cluster

import (
	"context"
	"fmt"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Opened is part of link.Handler.
func (n *Node) Opened(c *link.Conn) {
	if !c.Dialed() {
		n.reached.Store(true)
		n.inbound.add(c)
	}
	n.feed.opened(c)
}

// Closed is part of link.Handler.
func (n *Node) Closed(c *link.Conn) {
	n.inbound.remove(c)
	n.feed.closed(c)
}

// Push is part of link.Handler: what wants no answer.
func (n *Node) Push(c *link.Conn, op byte, payload []byte) {
	var err error
	switch op {
	case opBeats:
		n.takeBeats(c, payload)
	case opExceptions:
		n.takeExceptions(payload)
	case opUnwatch:
		err = n.feed.unwatchFor(c, payload)
	case opUpdates:
		err = n.feed.takeUpdates(c.Peer(), payload)
	case opEviction:
		err = n.feed.takeEviction(payload)
	case opMoved:
		err = n.feed.takeMoved(payload)
	default:
		err = fmt.Errorf("%w: push of kind %d", errMessage, op)
	}
	if err != nil {
		n.log.Error("push refused", "peer", c.Peer().ID, "error", err)
		c.Close()
	}
}

// Call is part of link.Handler: what a peer asks.
func (n *Node) Call(ctx context.Context, r link.Request) {
	switch r.Method {
	case opWatch:
		n.feed.watchFor(r)
		return
	case opOnward:
		n.passOn(ctx, r)
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
	d := &decoder{b: payload}
	switch op {
	case opRest:
		return n.answerRest(ctx, d)
	case opAttach, opAnnounce, opFlip:
		return n.answerDevice(ctx, op, d)
	case opDetach, opGoodbye, opSignOut:
		return n.answerWrite(ctx, op, d)
	case opOverride, opKind, opWindow:
		return n.answerFact(ctx, op, d)
	case opErase:
		return n.answerErase(ctx, d)
	case opStrike:
		return n.answerStrike(ctx, d)
	case opErasures:
		return n.answerErasures(d)
	case opAccount:
		return n.answerAccount(d)
	case opInspect:
		return n.answerInspect(d)
	case opStates:
		d.share()
		viewer, ids := d.viewer(), d.participants()
		if err := d.end(); err != nil {
			return nil, err
		}
		return n.statesHere(viewer, ids), nil
	case opHeartbeats:
		return n.answerHeartbeats(ctx, d)
	case opFigures:
		return n.answerFigures(d)
	case opDisk:
		return n.takeDisk(from, d)
	case opHoldings:
		return n.holdings(from, d)
	case opTake:
		return n.takePush(ctx, from, d)
	case opReplicate:
		return n.takeReplicas(ctx, from, d)
	case opSettled:
		return n.aboutPartitions(d, n.isSettled)
	case opBehind:
		return n.aboutPartitions(d, func(_ *view.View, partition int) bool { return n.sendAgain(from, partition) })
	case opGlimpse:
		return n.feed.glimpseFor(d)
	case opPassed:
		return n.answerPassed(ctx, from, payload)
	default:
		return nil, fmt.Errorf("%w: call of kind %d", errMessage, op)
	}
}

func (n *Node) answerDevice(ctx context.Context, op byte, d *decoder) ([]byte, error) {
	if op == opFlip {
		handle, a := d.handle(), d.activity()
		if err := d.end(); err != nil {
			return nil, err
		}
		return []byte{byte(n.beatHere(ctx, handle, a))}, nil
	}
	participant, device, a := d.participant(), d.device(), d.activity()
	if op == opAttach {
		if err := d.end(); err != nil {
			return nil, err
		}
		handle, session, o := n.attachHere(ctx, participant, device, a)
		return appendUint64(appendHandle([]byte{byte(o)}, handle), uint64(session)), nil
	}
	session := shard.Version(d.uint64())
	picked := host.Picked{Override: d.override(), Version: shard.Version(d.uint64())}
	if err := d.end(); err != nil {
		return nil, err
	}
	handle, o := n.announceHere(ctx, participant, device, a, session, picked)
	return appendHandle([]byte{byte(o)}, handle), nil
}

func (n *Node) answerWrite(ctx context.Context, op byte, d *decoder) ([]byte, error) {
	participant := d.participant()
	var write func() shard.Outcome
	switch op {
	case opDetach, opGoodbye:
		here := n.host.Detach
		if op == opGoodbye {
			here = n.host.Goodbye
		}
		device, session := d.device(), shard.Version(d.uint64())
		write = func() shard.Outcome { return n.leaveHere(ctx, participant, device, session, here) }
	case opSignOut:
		device := d.device()
		write = func() shard.Outcome { return n.signOutHere(ctx, participant, device) }
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	return []byte{byte(write())}, nil
}

// answerFact answers with the outcome, and with which disk is to blame for it.
func (n *Node) answerFact(ctx context.Context, op byte, d *decoder) ([]byte, error) {
	participant := d.participant()
	var write func() shard.Outcome
	switch op {
	case opOverride:
		o := d.override()
		write = func() shard.Outcome { return n.host.SetOverride(participant, o) }
	case opKind:
		k := shard.Kind(d.byte())
		if d.err == nil && k > shard.KindHelper {
			d.err = fmt.Errorf("%w: %v", errMessage, k)
		}
		write = func() shard.Outcome { return n.host.SetKind(participant, k) }
	case opWindow:
		peer, at := d.participant(), int64(d.uint64())
		write = func() shard.Outcome { return n.host.OpenWindow(participant, peer, at) }
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	o, words := n.factOf(ctx, participant, write)
	return appendText([]byte{byte(o)}, bounded(words)), nil
}

func (n *Node) answerInspect(d *decoder) ([]byte, error) {
	viewer, id, devices := d.viewer(), d.participant(), d.byte() == 1
	if err := d.end(); err != nil {
		return nil, err
	}
	r, ok := n.host.Inspect(viewer, id, devices)
	o := shard.Done
	if !ok {
		o = shard.NotMine
	}
	return appendRecord([]byte{byte(o)}, &r), nil
}

func (n *Node) answerHeartbeats(ctx context.Context, d *decoder) ([]byte, error) {
	d.share()
	beats := make([]Heartbeat, d.count(1+1+1+1+1))
	for i := range beats {
		beats[i] = Heartbeat{Participant: d.participant(), Device: d.device(), Activity: d.activity()}
	}
	if err := d.end(); err != nil {
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
