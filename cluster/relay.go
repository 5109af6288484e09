package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// call asks another node, by the first way that works:
//
//	dialed     n1 ──▶ n3           the connection that this node made
//	accepted   n1 ◀── n3           the one that the other node made: calls go both ways on it
//	relayed    n1 ──▶ n2 ──▶ n3    opOnward to a node that reaches both, which makes it opPassed
//
// A node that relays asks by the first two ways only, so a call takes one hop at most. It passes
// bytes on and answers nothing itself: what it knows may be older than what the owner knows.
func (n *Node) call(ctx context.Context, to link.Name, class link.Class, op byte, payload []byte, take func(reply []byte) error) error {
	v := n.view.Load()
	if c := n.way(v, to, class); c != nil {
		return c.Call(ctx, op, payload, take)
	}
	err := n.relay(ctx, v, to, class, op, payload, take)
	if p := v.Peer(to); errors.Is(err, errNoWay) && p != nil {
		return p.Call(ctx, class, op, payload, take) // silent, but it may be about to answer
	}
	return err
}

// errNoWay: no node is known to reach the one that is asked.
var errNoWay = errors.New("cluster: no way to that node")

// way is the connection for a call, or nil. A silent hot one speaks for the others, which say
// something much more rarely: they are tried only if no other node passes the call on.
func (n *Node) way(v *view.View, to link.Name, class link.Class) *link.Conn {
	if class != link.Hot && n.direct(v, to, link.Hot) == nil {
		return nil
	}
	return n.direct(v, to, class)
}

// direct is a healthy connection to a node, or nil.
func (n *Node) direct(v *view.View, to link.Name, class link.Class) *link.Conn {
	if !v.Has(to) {
		return nil
	}
	return n.directAt(v, v.Places[to.ID], class)
}

// directAt is direct by place.
func (n *Node) directAt(v *view.View, place int, class link.Class) *link.Conn {
	if p := v.PeerAt(place); p != nil {
		if c := p.Conn(class); c != nil && c.Healthy() {
			return c
		}
	}
	if c := n.inbound.get(v.Members[place].Name, class); c != nil && c.Healthy() {
		return c
	}
	return nil
}

// maxRelays is how many nodes are asked to pass a call on, one after the other.
const maxRelays = 2

func (n *Node) relay(ctx context.Context, v *view.View, to link.Name, class link.Class, op byte, payload []byte, take func(reply []byte) error) error {
	err := errNoWay
	for _, via := range n.relays(v, to, class) {
		b := message.AppendUint32(codec.AppendText(nil, to.String()), int(budget(ctx, class).Milliseconds()))
		n.relayed.Add(1)
		err = via.Call(ctx, message.OpOnward, append(append(b, op), payload...), take)
		if err == nil || errors.Is(err, link.ErrBusy) || ctx.Err() != nil {
			break
		}
	}
	return err
}

// relays are connections to some nodes that do not say that their links to the one that is asked
// are broken. They are others each time: which of them has just lost it, too, nobody knows yet.
func (n *Node) relays(v *view.View, to link.Name, class link.Class) (all []*link.Conn) {
	if !v.Has(to) {
		return nil
	}
	first := rand.IntN(len(v.Members))
	for i := range v.Members {
		m := v.Members[(first+i)%len(v.Members)]
		if m.Name == n.name || m.Name == to || m.Report.Names(to) {
			continue
		}
		if c := n.way(v, m.Name, class); c != nil {
			all = append(all, c)
		}
		if len(all) == maxRelays {
			break
		}
	}
	return all
}

// reachable reports whether there is a way to a node that may work at the moment.
func (n *Node) reachable(v *view.View, place int) bool {
	m := v.Members[place]
	return m.Name == n.name || n.directAt(v, place, link.Hot) != nil || len(n.relays(v, m.Name, link.Hot)) > 0
}

// isCutOff reports whether a node lives, as it answers gossip, though a call to it has just failed
// and it is silent on its links. It takes as long as a probe may.
func (n *Node) isCutOff(name link.Name) bool {
	return n.gossip != nil && n.direct(n.view.Load(), name, link.Hot) == nil && n.gossip.Answers(name)
}

// maxBudget is for how long a node keeps a call that it has passed on.
const maxBudget = 5 * time.Second

// budget is how much time a call has left. A hot one is given up after tryTimeout: its place at the
// node that passes it on is not held for longer.
func budget(ctx context.Context, class link.Class) time.Duration {
	most := maxBudget
	if class == link.Hot {
		most = tryTimeout
	}
	if end, ok := ctx.Deadline(); ok {
		return max(min(time.Until(end), most), 0)
	}
	return most
}

// passOn relays a call of another node.
func (n *Node) passOn(ctx context.Context, r link.Request) {
	d := message.NewReader(r.Payload)
	to, err := link.ParseName(d.Text())
	wait := time.Duration(d.Uint32()) * time.Millisecond
	op := d.Byte()
	if d.Err() != nil || err != nil {
		r.Fail(message.ErrDamaged)
		return
	}
	c := n.way(n.view.Load(), to, r.Conn.Class())
	if c == nil {
		r.Fail(errNoWay)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, min(wait, maxBudget))
	defer cancel()
	b := append(codec.AppendText([]byte{op}, r.Conn.Peer().String()), d.Rest()...)
	err = c.Call(ctx, message.OpPassed, b, func(reply []byte) error { r.Reply(reply); return nil })
	if err != nil {
		r.Fail(err)
	}
}

// answerPassed answers a call that another node has passed on, for a member that can't come itself.
// A node speaks for itself by its own connection, which its certificate names.
func (n *Node) answerPassed(ctx context.Context, via link.Name, payload []byte) ([]byte, error) {
	d := message.NewReader(payload)
	op := d.Byte()
	from, err := link.ParseName(d.Text())
	switch {
	case d.Err() != nil || err != nil || op == message.OpPassed:
		return nil, message.ErrDamaged
	case from == n.name || from == via || !n.isMember(from):
		return nil, fmt.Errorf("cluster: %s passes on a call of %s, which is no other member", via.ID, from.ID)
	}
	return n.answer(ctx, from, op, d.Rest())
}

// Lane is part of link.Handler.
func (n *Node) Lane(op byte, payload []byte) link.Lane {
	if op == message.OpPassed && len(payload) > 0 {
		op = payload[0]
	}
	switch op {
	case message.OpOnward:
		return n.onwardLane(payload)
	case message.OpDetach, message.OpGoodbye, message.OpSignOut, message.OpOverride, message.OpKind, message.OpWindow, message.OpErase, message.OpStrike:
		return link.LaneWrite
	case message.OpHoldings, message.OpTake, message.OpReplicate, message.OpSettled, message.OpBehind, message.OpErasures:
		return link.LaneBulk
	default:
		return link.LaneQuick
	}
}

// onwardLane keeps what is passed on for a write from holding the places of heartbeats and reads,
// too.
func (n *Node) onwardLane(payload []byte) link.Lane {
	d := message.NewReader(payload)
	d.Text()
	d.Uint32()
	if n.Lane(d.Byte(), nil) == link.LaneQuick {
		return link.LaneOnward
	}
	return link.LaneOnwardSlow
}

// inbound are the latest connections that other nodes have made, by class.
type inbound struct {
	mu    sync.Mutex
	conns map[inboundKey]*link.Conn
}

type inboundKey struct {
	peer  link.Name
	class link.Class
}

func (i *inbound) add(c *link.Conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.conns == nil {
		i.conns = make(map[inboundKey]*link.Conn)
	}
	i.conns[inboundKey{c.Peer(), c.Class()}] = c
}

func (i *inbound) remove(c *link.Conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if k := (inboundKey{c.Peer(), c.Class()}); i.conns[k] == c {
		delete(i.conns, k)
	}
}

func (i *inbound) get(peer link.Name, class link.Class) *link.Conn {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.conns[inboundKey{peer, class}]
}

// busy is the outcome of a write that would have to wait where no more may, or for somebody who is
// too slow. It is answered at once, and not tried again.
const busy shard.Outcome = 0xfe

// isMember reports whether a node is one in this one's eyes. A node that joins has no view yet.
func (n *Node) isMember(name link.Name) bool {
	return n.view.Load().Has(name) || known{n}.Knows(name)
}
