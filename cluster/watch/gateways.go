package watch

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/host"
)

// Gateways is the side of an owner: the other nodes' feeds, each by its connection for events.
type Gateways struct {
	host Host
	log  *slog.Logger

	mu    sync.Mutex
	sinks map[*link.Conn]gateway
}

// gateway is one of them, as the host here knows it.
type gateway struct {
	id   host.SinkID
	sink *remoteSink
}

// NewGateways returns those of a host: none yet.
func NewGateways(h Host, log *slog.Logger) *Gateways {
	return &Gateways{host: h, log: log, sinks: make(map[*link.Conn]gateway)}
}

// Opened takes a new connection for events that another node has made. A gateway has one: an older
// one, which it has given up, ends.
func (g *Gateways) Opened(c *link.Conn) {
	g.closeOlder(c.Peer())
	sink := &remoteSink{conn: c}
	id, err := g.host.AddSink(sink)
	if err != nil {
		g.log.Error("gateway refused", "peer", c.Peer().ID, "error", err)
		c.Close()
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sinks[c] = gateway{id, sink}
}

func (g *Gateways) closeOlder(from link.Name) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.sinks {
		if c.Peer() == from {
			c.Close()
		}
	}
}

// Closed ends all interest that came by a connection, of whatever class.
func (g *Gateways) Closed(c *link.Conn) {
	g.mu.Lock()
	one, ok := g.sinks[c]
	delete(g.sinks, c)
	g.mu.Unlock()
	if ok {
		g.host.RemoveSink(one.id)
	}
}

func (g *Gateways) at(c *link.Conn) (one gateway, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	one, ok = g.sinks[c]
	return one, ok
}

// Watch answers a gateway that watches, and has it told of changes, in one form. The answer leaves
// before the changes that follow it, and after those before.
func (g *Gateways) Watch(r link.Request, as Form) {
	questions, err := readRequest(message.NewReader(r.Payload), as)
	one, ok := g.at(r.Conn)
	if err != nil || !ok {
		r.Fail(message.ErrDamaged)
		return
	}
	sights := make([]host.Sight, len(questions))
	one.sink.form.Store(uint32(as))
	g.host.Watch(one.id, questions, sights, func() { r.Reply(appendSights(questions, sights, as)) })
}

// Glimpse answers a gateway that can't watch: with views and exceptions, and no interest.
func (g *Gateways) Glimpse(d *message.Reader, as Form) ([]byte, error) {
	questions, err := readRequest(d, as)
	if err != nil {
		return nil, err
	}
	sights := make([]host.Sight, len(questions))
	g.host.Glimpse(questions, sights)
	return appendSights(questions, sights, as), nil
}

// Unwatch ends a gateway's interest in ids.
func (g *Gateways) Unwatch(c *link.Conn, payload []byte) error {
	d := message.NewReader(payload)
	ids := d.Participants()
	if err := d.End(); err != nil {
		return err
	}
	if one, ok := g.at(c); ok {
		g.host.Unwatch(one.id, ids)
	}
	return nil
}

// remoteSink is another node's feed, as the host here sees it. A connection that can't take what is
// pushed closes. The gateway makes another one, and watches again.
type remoteSink struct {
	conn *link.Conn
	form atomic.Uint32 // a Form: that of the messages that it takes
}

// Deliver is part of host.Sink.
func (r *remoteSink) Deliver(updates []host.Update) {
	as := Form(r.form.Load())
	for len(updates) > 0 {
		b, n := appendUpdates(updates, as)
		_ = r.conn.Push(as.op(message.OpTrusts, message.OpSayings), b)
		updates = updates[n:]
	}
}

// Evict is part of host.Sink.
func (r *remoteSink) Evict(e host.Eviction) {
	_ = r.conn.Push(message.OpEviction, appendEviction(nil, e))
}

// Moved is part of host.Sink.
func (r *remoteSink) Moved(partitions []int) {
	_ = r.conn.Push(message.OpMoved, message.AppendPartitions(nil, partitions))
}
