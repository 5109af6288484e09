package cluster

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard"
)

// listen counts what comes to a node with an id of a tenant in it.
func listen(n *Node, named *atomic.Int64) {
	heard := func(b []byte) {
		if bytes.Contains(b, []byte("\x1facme\x1f")) {
			named.Add(1)
		}
	}
	for op, push := range n.handler.pushes {
		n.handler.pushes[op] = func(c *link.Conn, b []byte) error { heard(b); return push(c, b) }
	}
	for op, call := range n.handler.calls {
		n.handler.calls[op] = func(ctx context.Context, r link.Request) { heard(r.Payload); call(ctx, r) }
	}
	for op, answer := range n.handler.answers {
		n.handler.answers[op] = func(ctx context.Context, from link.Name, d *message.Reader) ([]byte, error) {
			whole := *d
			heard(whole.Rest())
			return answer(ctx, from, d)
		}
	}
}

// TestFormerNodesHearOfNoTenant: a node of the version before comes, takes over partitions with
// participants of tenants in them, and serves. It is sent no id of any, whatever is asked, and
// those who belong to none are served as ever. When it has gone, tenants are served again.
func TestFormerNodesHearOfNoTenant(t *testing.T) {
	b := newBand(t, 2)
	n := b.nodes[0]
	plain := b.online(n, 2*testPartitions)
	var tenants []string
	for _, id := range plain {
		inner := shard.InnerID("acme", id)
		b.beat(n, inner)
		tenants = append(tenants, inner)
	}
	b.message(tenants[0], tenants[1])
	if err := n.SetBlock(t.Context(), tenants[2], tenants[3], true); err != nil {
		t.Fatal(err)
	}
	at := attach(t, n, tenants[4], "phone")
	subscribe(t, n, b.sinks[0], append(plain, tenants...)...)
	wantStates(t, b.nodes[1], append(plain, tenants...), shard.Online)

	var named atomic.Int64
	b.made = func(n *Node) { listen(n, &named) }
	before, err := b.tryAddWith("before", func(p *Peers) { p.Speaks = protocol.Range{Lowest: 6, Highest: 6} })
	if err != nil {
		t.Fatal(err)
	}
	b.agree()
	owned := ""
	for _, id := range tenants {
		if owner, _ := n.view.Load().Owner(n.partitionOf(id)); owner == before.name {
			owned = id
		}
	}
	if owned == "" {
		t.Fatal("the node of the version before owns nobody")
	}
	b.askAll(n, owned, plain, tenants)
	if err := n.Beat(t.Context(), at, shard.ActivityIdle); err != nil && !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	n.Unwatch(append(plain[:10:10], tenants...))
	wantStates(t, b.nodes[1], plain, shard.Online) // after the push, on the same links
	if named.Load() > 0 {
		t.Errorf("%d messages with an id of a tenant came to the node of the version before", named.Load())
	}
	if err := before.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.crash(before)
	b.agree()
	b.beat(n, owned)
	wantStates(t, b.nodes[1], append(plain, owned), shard.Online)
}

// askAll asks and says everything while one node is of the version before, of which it knows one
// of the tenants' participants.
func (b *band) askAll(n *Node, owned string, plain, tenants []string) {
	t := b.t
	for _, n := range b.nodes[:2] {
		wantStates(t, n, plain, shard.Online)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	start := time.Now()
	states := make([]shard.State, len(tenants))
	if unknown := n.States(ctx, tenants[0], tenants, states); unknown != len(tenants) || states[0] != shard.Unknown {
		t.Errorf("%d of %d tenants' participants are unknown", unknown, len(tenants))
	}
	questions := make([]Question, 0, 2*len(plain))
	for i := range plain {
		questions = append(questions, Question{ID: plain[i]}, Question{ID: tenants[i]})
	}
	if unknown := n.Watch(ctx, questions, make([]Sight, len(questions))); unknown != len(tenants) {
		t.Errorf("%d of %d and others can't be watched", unknown, len(tenants))
	}
	beats := []Heartbeat{
		{Participant: plain[0], Device: "tab", Activity: shard.ActivityOnline},
		{Participant: owned, Device: "tab", Activity: shard.ActivityOnline},
	}
	errs := make([]error, 2)
	n.Heartbeats(ctx, beats, errs)
	_, read := n.Inspect(ctx, "", owned, true)
	for what, err := range map[string]error{
		"a heartbeat": errs[1], "a read": read,
		"an override": n.SetOverride(ctx, owned, shard.OverrideBusy, time.Time{}),
		"a block":     n.SetBlock(ctx, owned, tenants[0], true),
		"an erasure":  n.Erase(ctx, owned),
	} {
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s of a tenant's participant: %v; want %v", what, err, ErrUnavailable)
		}
	}
	if errs[0] != nil {
		t.Errorf("a heartbeat beside one of a tenant: %v", errs[0])
	}
	n.Why(ctx, owned, tenants[0])
	if took := time.Since(start); took > patience/2 {
		t.Errorf("all that took %v: something waited for a node that is never asked", took)
	}
}
