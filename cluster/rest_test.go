package cluster

import (
	"testing"

	"github.com/scaiwave/presence/shard"
)

func rest(t *testing.T, n *Node, at *Attachment, want bool) {
	t.Helper()
	if rested, err := n.Rest(t.Context(), at); err != nil || rested != want {
		t.Fatalf("rested: %v, %v; want %v", rested, err, want)
	}
}

// TestRestAtAnotherNode: the device of a page that doesn't run is idle for those who watch through
// any node, stays so when its owner dies, and is online again by its next heartbeat.
func TestRestAtAnotherNode(t *testing.T) {
	b := newBand(t, 3)
	id := b.ownedBy(b.nodes[2])
	at := attach(t, b.nodes[0], id, "tab")
	subscribe(t, b.nodes[1], b.sinks[1], id)
	sees := func(want shard.State) {
		t.Helper()
		await(t, "seen "+want.String(), func() bool { return b.sinks[1].sees(id) == want })
	}
	rest(t, b.nodes[0], at, true)
	sees(shard.Idle)
	if err := b.nodes[0].Touch(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	b.crash(b.nodes[2])
	b.agree()
	if err := b.nodes[0].Touch(t.Context(), at); err != nil { // it is announced to the next owner
		t.Fatal(err)
	}
	wantStates(t, b.nodes[1], []string{id}, shard.Idle)
	rest(t, b.nodes[0], at, true)
	if err := b.nodes[0].Beat(t.Context(), at, shard.ActivityOnline); err != nil {
		t.Fatal(err)
	}
	sees(shard.Online)
}

// TestRestOfWhoBeatsByHTTP: the owner has heard of the device lately, if not from its gateway; and
// a touch leaves alone what that said, wherever the owner is.
func TestRestOfWhoBeatsByHTTP(t *testing.T) {
	b := newBand(t, 2)
	for _, owner := range b.nodes {
		id := b.ownedBy(owner)
		at := attach(t, b.nodes[0], id, "tab")
		beat := func(a shard.Activity) {
			t.Helper()
			errs := make([]error, 1)
			if b.nodes[1].Heartbeats(t.Context(), []Heartbeat{{Participant: id, Device: "tab", Activity: a}},
				errs); errs[0] != nil {
				t.Fatal(errs[0])
			}
		}
		beat(shard.ActivityOnline)
		rest(t, b.nodes[0], at, false)
		wantStates(t, b.nodes[1], []string{id}, shard.Online)
		beat(shard.ActivityIdle)
		if err := b.nodes[0].Touch(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		wantStates(t, b.nodes[1], []string{id}, shard.Idle)
	}
}

// TestRestAnnouncesFirst: a handle that is stale makes no difference.
func TestRestAnnouncesFirst(t *testing.T) {
	b := newBand(t, 3)
	id := b.ownedBy(b.nodes[2])
	at := attach(t, b.nodes[0], id, "tab")
	b.crash(b.nodes[2])
	b.agree()
	rest(t, b.nodes[0], at, true)
	wantStates(t, b.nodes[1], []string{id}, shard.Idle)
	if at.Activity() != shard.ActivityIdle {
		t.Error("it would be announced again as online")
	}
}
