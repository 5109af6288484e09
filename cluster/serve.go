package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/watch"
)

// handler takes what other nodes send, and answers what they ask. It is a link.Handler.
type handler struct {
	// static
	self     link.Name
	caller   *call.Caller
	isMember func(name link.Name) bool
	feed     *watch.Feed
	gateways *watch.Gateways
	pushes   map[byte]take
	calls    map[byte]func(ctx context.Context, r link.Request)
	answers  map[byte]answer
	log      *slog.Logger

	reached atomic.Bool // by another node, over a link
}

// take takes what wants no answer.
type take func(c *link.Conn, payload []byte) error

// answer reads what another node asks, and writes the answer.
type answer func(ctx context.Context, from link.Name, d *message.Reader) ([]byte, error)

func newHandler(n *Node) *handler {
	h := &handler{self: n.name, caller: n.caller, feed: n.feed, gateways: n.gateways, log: n.log}
	h.isMember = func(name link.Name) bool { // a node that joins has no view yet
		return n.view.Load().Has(name) || n.known.Knows(name)
	}
	h.pushes, h.calls, h.answers = pushesOf(n), callsOf(n), answersOf(n)
	return h
}

// pushesOf has what wants no answer.
func pushesOf(n *Node) map[byte]take {
	return map[byte]take{
		message.OpBeats:      noError(n.asker.Owner.TakeBeats),
		message.OpExceptions: noError(func(_ *link.Conn, payload []byte) { n.devices.takeExceptions(payload) }),
		message.OpUnwatch:    n.gateways.Unwatch,
		message.OpTrusts:     func(c *link.Conn, b []byte) error { return n.feed.Updates(c.Peer(), b, watch.FormTrusts) },
		message.OpSayings:    func(c *link.Conn, b []byte) error { return n.feed.Updates(c.Peer(), b, watch.FormSayings) },
		message.OpEviction:   func(_ *link.Conn, payload []byte) error { return n.feed.Eviction(payload) },
		message.OpMoved:      func(_ *link.Conn, payload []byte) error { return n.feed.Moved(payload) },
	}
}

// callsOf has what answers by itself.
func callsOf(n *Node) map[byte]func(ctx context.Context, r link.Request) {
	return map[byte]func(ctx context.Context, r link.Request){
		message.OpWatchTrusts:  n.watchIn(watch.FormTrusts),
		message.OpWatchSayings: n.watchIn(watch.FormSayings),
		message.OpOnward:       n.caller.PassOn,
	}
}

// answersOf has what another node asks for.
func answersOf(n *Node) map[byte]answer {
	answers := map[byte]answer{
		message.OpFigures:        n.health.answerFigures,
		message.OpDisk:           n.disks.takeWords,
		message.OpSockets:        n.answerSockets,
		message.OpForget:         n.health.answerForget,
		message.OpGlimpseTrusts:  n.glimpseIn(watch.FormTrusts),
		message.OpGlimpseSayings: n.glimpseIn(watch.FormSayings),
	}
	if n.steward != nil {
		answers[message.OpHoldings] = n.steward.Holdings
		answers[message.OpTake] = n.steward.Take
		answers[message.OpSettled] = n.steward.Settled
		answers[message.OpBehind] = n.steward.Behind
		answers[message.OpReplicate] = n.receiver.Take
	}
	for op := range ask.Codes() {
		answers[op] = func(ctx context.Context, _ link.Name, d *message.Reader) ([]byte, error) {
			return n.asker.Owner.Answer(ctx, op, d)
		}
	}
	return answers
}

func (n *Node) watchIn(form watch.Form) func(ctx context.Context, r link.Request) {
	return func(_ context.Context, r link.Request) { n.gateways.Watch(r, form) }
}

func (n *Node) glimpseIn(form watch.Form) answer {
	return func(_ context.Context, _ link.Name, d *message.Reader) ([]byte, error) {
		return n.gateways.Glimpse(d, form)
	}
}

// noError takes what cannot be wrong.
func noError(f func(c *link.Conn, payload []byte)) take {
	return func(c *link.Conn, payload []byte) error {
		f(c, payload)
		return nil
	}
}

// Opened is part of link.Handler.
func (h *handler) Opened(c *link.Conn) {
	if !c.Dialed() {
		h.reached.Store(true)
		h.caller.Opened(c)
	}
	switch {
	case c.Class() != link.Events:
		return
	case c.Dialed():
		h.feed.Opened(c.Peer())
	default:
		h.gateways.Opened(c)
	}
	h.checkClock(c)
}

// checkClock logs a clock that is too far off: it may have gone wrong after its node has joined.
func (h *handler) checkClock(c *link.Conn) {
	if ahead := c.Ahead(); ahead.Abs() > maxSkew {
		h.log.Error("a clock is off: what is stamped by the one that is ahead may be refused",
			"peer", c.Peer().ID, "ahead", ahead)
	}
}

// Closed is part of link.Handler.
func (h *handler) Closed(c *link.Conn) {
	h.caller.Closed(c)
	h.gateways.Closed(c)
}

// Lane is part of link.Handler.
func (h *handler) Lane(op byte, payload []byte) link.Lane { return call.Lane(op, payload) }

// Push is part of link.Handler: what wants no answer.
func (h *handler) Push(c *link.Conn, op byte, payload []byte) {
	take, known := h.pushes[op]
	if !known {
		take = func(*link.Conn, []byte) error { return fmt.Errorf("%w: push of kind %d", message.ErrDamaged, op) }
	}
	if err := take(c, payload); err != nil {
		h.log.Error("push refused", "peer", c.Peer().ID, "error", err)
		c.Close()
	}
}

// Call is part of link.Handler: what a peer asks.
func (h *handler) Call(ctx context.Context, r link.Request) {
	if call, itself := h.calls[r.Method]; itself {
		call(ctx, r)
		return
	}
	reply, err := h.answer(ctx, r.Conn.Peer(), r.Method, r.Payload)
	if err != nil {
		h.log.Error("call refused", "peer", r.Conn.Peer().ID, "op", r.Method, "error", err)
		r.Fail(err)
		return
	}
	r.Reply(reply)
}

func (h *handler) answer(ctx context.Context, from link.Name, op byte, payload []byte) ([]byte, error) {
	if op == message.OpPassed {
		return h.answerPassed(ctx, from, payload)
	}
	answer, known := h.answers[op]
	if !known {
		return nil, fmt.Errorf("%w: call of kind %d", message.ErrDamaged, op)
	}
	return answer(ctx, from, message.NewReader(payload))
}

// answerPassed answers a call that another node has passed on, for a member that can't come itself.
// A node speaks for itself by its own connection, which its certificate names.
func (h *handler) answerPassed(ctx context.Context, via link.Name, payload []byte) ([]byte, error) {
	from, op, rest, err := call.ReadPassed(payload)
	if err != nil {
		return nil, err
	}
	if from == h.self || from == via || !h.isMember(from) {
		return nil, fmt.Errorf("cluster: %s passes on a call of %s, which is no other member", via.ID, from.ID)
	}
	return h.answer(ctx, from, op, rest)
}
