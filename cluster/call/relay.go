package call

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/codec"
)

// errNoWay: no node is known to reach the one that is asked.
var errNoWay = errors.New("cluster: no way to that node")

const (
	// maxRelays is how many nodes are asked to pass a call on, one after the other.
	maxRelays = 2
	// maxBudget is for how long a node keeps a call that it has passed on.
	maxBudget = 5 * time.Second
)

func (c *Caller) relay(
	ctx context.Context, v *view.View, to link.Name, class link.Class, op byte, payload []byte,
	take func(reply []byte) error,
) error {
	err := errNoWay
	for _, via := range c.relays(v, to, class) {
		b := message.AppendUint32(codec.AppendText(nil, to.String()), int(budget(ctx, class).Milliseconds()))
		c.relayed.Add(1)
		err = via.Call(ctx, message.OpOnward, append(append(b, op), payload...), take)
		if err == nil || errors.Is(err, link.ErrBusy) || ctx.Err() != nil {
			break
		}
	}
	return err
}

// relays are connections to some nodes that do not say that their links to the one that is asked
// are broken. They are others each time: which of them has just lost it, too, nobody knows yet.
func (c *Caller) relays(v *view.View, to link.Name, class link.Class) (all []*link.Conn) {
	if !v.Has(to) {
		return nil
	}
	first := rand.IntN(len(v.Members))
	for i := range v.Members {
		m := v.Members[(first+i)%len(v.Members)]
		if m.Name == c.self || m.Name == to || m.Report.Names(to) {
			continue
		}
		if conn := c.way(v, m.Name, class); conn != nil {
			all = append(all, conn)
		}
		if len(all) == maxRelays {
			break
		}
	}
	return all
}

// budget is how much time a call has left. A hot one is given up after TryTimeout: its place at the
// node that passes it on is not held for longer.
func budget(ctx context.Context, class link.Class) time.Duration {
	most := maxBudget
	if class == link.Hot {
		most = TryTimeout
	}
	if end, ok := ctx.Deadline(); ok {
		return max(min(time.Until(end), most), 0)
	}
	return most
}

// PassOn relays a call of another node.
func (c *Caller) PassOn(ctx context.Context, r link.Request) {
	d := message.NewReader(r.Payload)
	to, err := link.ParseName(d.Text())
	wait := time.Duration(d.Uint32()) * time.Millisecond
	op := d.Byte()
	if d.Err() != nil || err != nil {
		r.Fail(message.ErrDamaged)
		return
	}
	conn := c.way(c.views.Load(), to, r.Conn.Class())
	if conn == nil {
		r.Fail(errNoWay)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, min(wait, maxBudget))
	defer cancel()
	b := append(codec.AppendText([]byte{op}, r.Conn.Peer().String()), d.Rest()...)
	err = conn.Call(ctx, message.OpPassed, b, func(reply []byte) error { r.Reply(reply); return nil })
	if err != nil {
		r.Fail(err)
	}
}

// ReadPassed reads a call that was passed on, of any operation but that: who asks, and what.
func ReadPassed(payload []byte) (from link.Name, op byte, rest []byte, err error) {
	d := message.NewReader(payload)
	op = d.Byte()
	from, err = link.ParseName(d.Text())
	if d.Err() != nil || err != nil || op == message.OpPassed {
		return from, op, nil, message.ErrDamaged
	}
	return from, op, d.Rest(), nil
}
