package cluster

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
)

// benchPair is two nodes of this process that are linked over loopback.
func benchPair(b *testing.B) (gateway, owner *Node) {
	var nodes []*Node
	for i := range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		p := &Peers{
			Role: "all", Listener: l, GossipListen: "127.0.0.1:0", ClusterName: "bench",
			JoinWait: 5 * time.Second, FastGossip: true,
		}
		if i > 0 {
			p.Seeds = []string{nodes[0].gossip.Address()}
		}
		n, err := New(Config{NodeID: fmt.Sprintf("n%d", i), Settings: DefaultSettings(), Peers: p})
		if err != nil {
			b.Fatal(err)
		}
		n.SetSink(newNotebook())
		n.Start()
		b.Cleanup(func() { _ = n.Close() })
		if err := n.Join(b.Context()); err != nil {
			b.Fatal(err)
		}
		nodes = append(nodes, n)
	}
	for nodes[0].Describe().Moving > 0 || nodes[1].Describe().Moving > 0 || len(nodes[0].Describe().Members) < 2 {
		time.Sleep(10 * time.Millisecond)
	}
	return nodes[0], nodes[1]
}

// attached are n devices at gateway whose owner is the other node.
func attached(b *testing.B, gateway, owner *Node, n int) (all []*Attachment) {
	v := gateway.view.Load()
	for i := 0; len(all) < n; i++ {
		id := fmt.Sprintf("person-%08d", i)
		if at, _ := v.Owner(gateway.partitionOf(id)); at != owner.name {
			continue
		}
		at, err := gateway.Attach(b.Context(), id, "tab", shard.ActivityOnline)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, at)
	}
	return all
}

// BenchmarkRemoteBeats is heartbeats by handle from a gateway to a remote owner at saturation, both
// ends in this process: with -cpu 1 on one pinned core, a second is a CPU-second of both ends
// together. It ends when the owner has applied all.
func BenchmarkRemoteBeats(b *testing.B) {
	gateway, owner := benchPair(b)
	all := attached(b, gateway, owner, 10_000)
	before := owner.Stats().Heartbeats
	ctx := context.Background()
	b.ResetTimer()
	for i := range b.N {
		at := all[i%len(all)]
		for gateway.view.Load().Peer(owner.name).Conn(link.Hot).Queued() > 512<<10 {
			runtime.Gosched() // a sender that outruns the link gets ErrFull, and announces
		}
		if err := gateway.Beat(ctx, at, shard.ActivityOnline); err != nil {
			b.Fatal(err)
		}
	}
	for owner.Stats().Heartbeats-before < int64(b.N) {
		runtime.Gosched()
	}
	b.StopTimer()
	if moved := owner.Stats().Moved; moved > 0 {
		b.Fatalf("%d heartbeats did not count", moved)
	}
}

// BenchmarkRemoteStates is batch fetches of 1,000 ids of a remote owner, one after the other; an
// operation is one id.
func BenchmarkRemoteStates(b *testing.B) {
	gateway, owner := benchPair(b)
	var ids []string
	for _, at := range attached(b, gateway, owner, 10_000) {
		ids = append(ids, at.Participant)
	}
	states := make([]shard.State, 1000)
	b.ResetTimer()
	for i := 0; i < b.N; i += len(states) {
		at := i % len(ids)
		if unknown := gateway.States(context.Background(), "", ids[at:at+len(states)], states); unknown > 0 ||
			states[0] != shard.Online {
			b.Fatalf("%d unknown, the first is %v", unknown, states[0])
		}
	}
}

// BenchmarkQuery compares a query of one id that is owned here with one of an id of another node.
func BenchmarkQuery(b *testing.B) {
	gateway, owner := benchPair(b)
	remote := attached(b, gateway, owner, 1)[0].Participant
	here := attached(b, owner, gateway, 1)[0].Participant
	for name, id := range map[string]string{"here": here, "remote": remote} {
		b.Run(name, func(b *testing.B) {
			states := make([]shard.State, 1)
			for range b.N {
				if gateway.States(context.Background(), "", []string{id}, states); states[0] != shard.Online {
					b.Fatal(states[0])
				}
			}
		})
	}
}

// BenchmarkWatch is watching 1,000 ids again, that are owned here and by another node; an operation
// is one id.
func BenchmarkWatch(b *testing.B) {
	gateway, owner := benchPair(b)
	for name, at := range map[string][2]*Node{"here": {owner, gateway}, "remote": {gateway, owner}} {
		var questions []Question
		viewers := []shard.Viewer{gateway.Viewer("viewer")}
		for _, at := range attached(b, at[0], at[1], 1000) {
			questions = append(questions, Question{ID: at.Participant, Viewers: viewers})
		}
		sights := make([]Sight, len(questions))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i += len(questions) {
				if unknown := gateway.Watch(context.Background(), questions, sights); unknown > 0 {
					b.Fatalf("%d unknown", unknown)
				}
			}
		})
	}
}

// BenchmarkBeat is a heartbeat of a device that is owned by the node that it is connected to, in a
// cluster of two, whose backup is up to date, and of a lone node. Neither waits for anything.
func BenchmarkBeat(b *testing.B) {
	_, pair := benchPair(b)
	lone, err := New(Config{NodeID: "lone", Settings: DefaultSettings()})
	if err != nil {
		b.Fatal(err)
	}
	lone.Start()
	b.Cleanup(func() { _ = lone.Close() })
	for _, tc := range []struct {
		name string
		node *Node
	}{{"alone", lone}, {"pair", pair}} {
		b.Run(tc.name, func(b *testing.B) {
			at := attached(b, tc.node, tc.node, 1)[0]
			b.ReportAllocs()
			for b.Loop() {
				if err := tc.node.Beat(b.Context(), at, shard.ActivityOnline); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
