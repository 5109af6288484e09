package watch

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// end is one end of a link: what it takes goes to a feed, or to gateways.
type end struct {
	feed     *Feed
	gateways *Gateways
}

func (e end) Opened(c *link.Conn) {
	if e.gateways != nil && c.Class() == link.Events {
		e.gateways.Opened(c)
	}
}

func (e end) Closed(c *link.Conn) {
	if e.gateways != nil {
		e.gateways.Closed(c)
	}
}

func (e end) Lane(byte, []byte) link.Lane { return link.LaneQuick }
func (e end) Call(_ context.Context, r link.Request) {
	forms := map[byte]Form{message.OpWatchTrusts: FormTrusts, message.OpWatchSayings: FormSayings}
	e.gateways.Watch(r, forms[r.Method])
}

func (e end) Push(c *link.Conn, op byte, payload []byte) {
	switch op {
	case message.OpUnwatch:
		_ = e.gateways.Unwatch(c, payload)
	case message.OpTrusts:
		_ = e.feed.Updates(c.Peer(), payload, FormTrusts)
	case message.OpSayings:
		_ = e.feed.Updates(c.Peer(), payload, FormSayings)
	case message.OpEviction:
		_ = e.feed.Eviction(payload)
	case message.OpMoved:
		_ = e.feed.Moved(payload)
	}
}

// linked is a stage whose other node, n1, is linked and has a host of its own.
func linked(t *testing.T) (s *stage, owner *host.Host, p *link.Peer) {
	t.Helper()
	s = newStage(t, "n1")
	owner, err := host.New(host.Config{Partitions: partitions, Node: 2, Settings: host.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	local := func(id string, e end) *link.Local {
		return &link.Local{
			Name: named(id), Cluster: "test", Terms: protocol.Terms{Range: protocol.Spoken}, Handler: e,
			Logger: log, Stats: &link.Stats{}, Pulses: link.NewPulses(),
		}
	}
	server := link.Serve(local("n1", end{gateways: NewGateways(owner, log)}), l)
	p = link.Dial(local("n0", end{feed: s.Feed}), named("n1"), l.Addr().String())
	t.Cleanup(func() {
		p.Close()
		server.Close()
		owner.Close()
	})
	v := s.views.Load()
	v.Peers = make([]*link.Peer, len(v.Members))
	v.Peers[v.Places["n1"]] = p
	await(t, "the link", func() bool { return events(v, named("n1")) != nil })
	return s, owner, p
}

// await waits until f is true, on a machine that may have much else to do.
func await(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// TestOverALink: an owner tells a gateway of all that happens to what it watches, and of nothing
// else.
func TestOverALink(t *testing.T) {
	s, owner, p := linked(t)
	id := s.ownedBy("n1")
	if unknown := s.watch(id); unknown > 0 || s.sink.sees(id) != shard.Offline {
		t.Fatalf("%d unknown, seen is %v", unknown, s.sink.sees(id))
	}
	owner.Heartbeats([]host.Heartbeat{{Participant: id, Device: "tab"}}, make([]shard.Outcome, 1))
	await(t, "the change", func() bool { return s.sink.sees(id) == shard.Idle })
	owner.SignOut(id, "tab")
	await(t, "the eviction", func() bool {
		e := s.sink.evictions()
		return len(e) == 1 && e[0].Participant == id && e[0].Reason == host.EvictSignedOut
	})
	await(t, "the end", func() bool { return s.sink.sees(id) == shard.Offline })
	s.Unwatch([]string{id})
	await(t, "no interest", func() bool { return owner.Stats().Watched == 0 })
	s.watch(id)
	if s.dueIs(s.host.PartitionOf(id)) {
		t.Error("it is watched again without a reason")
	}
	owner.Hold(s.host.PartitionOf(id))
	await(t, "the partition is due", func() bool { return s.dueIs(s.host.PartitionOf(id)) })
	owner.Serve(s.host.PartitionOf(id))
	s.watch(id)
	p.Close()
	await(t, "the interest ends with the connection", func() bool { return owner.Stats().Watched == 0 })
}
