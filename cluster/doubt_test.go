package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestDeniedWhenAllIsLost: owner and backup die together, and with them whom a participant denies.
// The next owner can't tell how it looks, and nothing that it has not heard of a viewer is told: the
// gateway would show the viewer what it was told before.
func TestDeniedWhenAllIsLost(t *testing.T) {
	t.Parallel() // it waits for most of its time
	b := newBand(t, 2)
	gateway := b.addWith("gateway", func(p *Peers) { p.Role = "gateway" })
	heard := b.sinks[2]
	await(t, "the gateway has formed", func() bool { return hasFormed(t, gateway) })
	id := keptBy(b.nodes[0], b.nodes[1])
	b.beat(gateway, id)
	heard.viewers = viewersOf(gateway, "ben")
	subscribe(t, gateway, heard, id)
	if err := gateway.SetBlock(t.Context(), id, "ben", true); err != nil {
		t.Fatal(err)
	}
	denied := func() bool {
		heard.mu.Lock()
		defer heard.mu.Unlock()
		for _, w := range heard.words {
			return w.Trust == shard.Denied
		}
		return false
	}
	await(t, "the gateway knows that it denies", denied)
	b.seed = gateway.gossip.Address()
	b.crash(b.nodes[0])
	b.crash(b.nodes[0])
	next := b.addWith("next", func(*Peers) {})
	await(t, "it is watched at the next owner", func() bool { return next.host.Stats().Watched > 0 })
	if got := b.says(gateway, "ben", id); got != shard.Unknown || !denied() {
		t.Errorf("it is %v, denied %t", got, denied())
	}
	b.beat(gateway, id)
	pick(t, gateway, id, shard.OverrideBusy)
	await(t, "it is known how it looks", func() bool { return heard.sees(id) == shard.Busy })
	heard.mu.Lock()
	defer heard.mu.Unlock()
	if len(heard.loose) > 0 {
		t.Errorf("told beside nothing: %+v", heard.loose)
	}
}

// TestStartedFirst: all nodes were stopped, and the first to start again is one that lacks what the
// two others have. It shows nobody who is there, as they may hide or have blocked somebody, until it
// has heard the others.
func TestStartedFirst(t *testing.T) {
	b, dir := diskBand(t)
	at := func(i int, seed string) *Node {
		b.seed = seed
		id := fmt.Sprint("n", i)
		return b.addWith(id, func(p *Peers) {
			p.DataDir, p.JoinWait = filepath.Join(dir, id), time.Second
		})
	}
	const nobody = "127.0.0.1:1"
	hides, blocks := keptBy(b.nodes[1], b.nodes[2]), keptBy(b.nodes[2], b.nodes[1])
	pick(t, b.nodes[0], hides, shard.OverrideAppearOffline)
	if err := b.nodes[0].SetBlock(t.Context(), blocks, "ben", true); err != nil {
		t.Fatal(err)
	}
	awaitNoted(t, b.nodes[0])
	for len(b.nodes) > 0 {
		b.crash(b.nodes[0])
	}
	first := at(0, nobody)
	for _, id := range []string{hides, blocks} {
		attach(t, first, id, "tab")
	}
	pick(t, first, blocks, shard.OverrideBusy) // which says nothing of whom it has blocked
	want := map[string]shard.State{hides: shard.Unknown, blocks: shard.Unknown, "never": shard.Unknown}
	for id, state := range want {
		if got := b.says(first, "ben", id); got != state {
			t.Errorf("alone, it says that %s is %v", id, got)
		}
	}
	if got := b.says(first, blocks, blocks); got != shard.Busy {
		t.Errorf("to itself it is %v", got)
	}
	at(1, first.gossip.Address())
	at(2, first.gossip.Address())
	await(t, "all is known", func() bool {
		known := true
		for id := range want {
			got := b.says(first, "ben", id)
			if got != shard.Offline && got != shard.Unknown {
				t.Fatalf("it says that %s is %v", id, got)
			}
			known = known && got == shard.Offline
		}
		return known
	})
}

// TestStoppedInTurn: of three nodes that are stopped one after the other the last one has all. The
// others start before it, and find each other. They show nobody of whom it knows more, until it is
// there.
func TestStoppedInTurn(t *testing.T) {
	b, dir := diskBand(t)
	at := func(i int, seed string) *Node {
		b.seed = seed
		id := fmt.Sprint("n", i)
		return b.addWith(id, func(p *Peers) { p.DataDir, p.JoinWait = filepath.Join(dir, id), time.Second })
	}
	id := keptBy(b.nodes[0], b.nodes[1])
	pick(t, b.nodes[0], id, shard.OverrideAppearOffline)
	if err := b.nodes[0].SetBlock(t.Context(), id, "ben", true); err != nil {
		t.Fatal(err)
	}
	for _, n := range b.nodes {
		awaitNoted(t, n)
	}
	for len(b.nodes) > 0 {
		b.agree()
		if err := b.nodes[0].Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.crash(b.nodes[0])
	}
	first := at(0, "127.0.0.1:1")
	at(1, first.gossip.Address())
	b.agree()
	attach(t, first, id, "tab")
	for _, viewer := range []string{"", "ben"} {
		if got := b.says(first, viewer, id); got != shard.Unknown {
			t.Errorf("without the last one, %q sees %v", viewer, got)
		}
	}
	at(2, first.gossip.Address())
	b.agree()
	for _, viewer := range []string{"", "ben"} {
		if got := b.says(first, viewer, id); got != shard.Offline {
			t.Errorf("with the last one, %q sees %v", viewer, got)
		}
	}
	if got := b.says(first, id, id); got != shard.AppearOffline {
		t.Errorf("to itself it is %v", got)
	}
}

// awaitNoted waits until the directory of a node says that all keep partitions with nobody in them.
func awaitNoted(t *testing.T, n *Node) {
	t.Helper()
	await(t, "the cluster is noted", func() bool { _, empties := n.store.KnowsCluster("test"); return empties })
}

// TestDisksOfProtocolSix: a release that didn't keep on disk that nobody is in a partition has
// written the directories. So what is on none of them is at no other node, and nobody is unknown for
// it.
func TestDisksOfProtocolSix(t *testing.T) {
	b, dir := &band{t: t, seed: "127.0.0.1:1"}, t.TempDir()
	for i := range 3 {
		id := fmt.Sprint("n", i)
		note := filepath.Join(dir, id, "cluster")
		if err := errors.Join(os.Mkdir(filepath.Dir(note), 0o700),
			os.WriteFile(note, []byte("cluster \"test\" of 3 nodes\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
		n := b.addWith(id, func(p *Peers) { p.DataDir, p.JoinWait = filepath.Dir(note), time.Second })
		b.seed = n.gossip.Address()
	}
	for _, n := range b.nodes {
		await(t, "nobody is unknown at "+n.ID(), func() bool { return b.says(n, "", "never") == shard.Offline })
	}
	awaitNoted(t, b.nodes[0])
}
