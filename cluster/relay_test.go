package cluster

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// TestOneHop: with the links of one pair gone everything works through the third node, before and
// after one of the two has left the ring, and after it is back.
func TestOneHop(t *testing.T) {
	t.Parallel() // it waits for most of its time
	f := newFenced(&band{t: t}, 3)
	var ids []string
	for i := range 3 {
		id := f.ownedBy(f.nodes[i])
		ids = append(ids, id)
		subscribe(t, f.nodes[1], f.sinks[1], id)
		subscribe(t, f.nodes[2], f.sinks[2], id)
	}
	at := attach(t, f.nodes[1], "somebody", "tab")
	f.cut(1, 2, true)
	round := 0
	works := func(when string) {
		t.Helper()
		round++
		o := []shard.Override{shard.OverrideBusy, shard.OverrideAppearOffline}[round%2]
		for _, n := range f.nodes {
			for _, id := range ids {
				if err := n.SetOverride(t.Context(), id, o, time.Time{}); err != nil {
					t.Fatalf("%s, at %s, of %s: %v", when, n.name.ID, id, err)
				}
			}
			if err := n.Beat(t.Context(), at, shard.ActivityOnline); n == f.nodes[1] && err != nil {
				t.Fatalf("%s: a beat: %v", when, err)
			}
			wantStates(t, n, []string{at.Participant}, shard.Online)
		}
		for _, n := range f.nodes[1:] {
			seen := attach(t, n, fmt.Sprint("round", round, n.name.ID), "tab")
			wantStates(t, f.nodes[1], []string{seen.Participant}, shard.Online)
			wantStates(t, f.nodes[2], []string{seen.Participant}, shard.Online)
		}
		for _, s := range f.sinks[1:] {
			await(t, when+": the change is told", func() bool {
				return !slices.ContainsFunc(ids, func(id string) bool {
					s.mu.Lock()
					defer s.mu.Unlock()
					return s.views[id].Override != o
				})
			})
		}
	}
	works("cut")
	if n := f.nodes[1].caller.Relayed() + f.nodes[2].caller.Relayed(); n == 0 {
		t.Error("nothing was relayed")
	}
	var out *Node
	await(t, "one of the pair is left out", func() bool {
		for _, n := range f.nodes {
			if v := n.view.Load(); v.IsOut(n.name) {
				out = n
			}
		}
		return out != nil
	})
	await(t, "the others serve all", func() bool {
		return f.served() == testPartitions && out.host.Stats().Partitions == 0
	})
	works("left out")
	await(t, "its clients are told", func() bool {
		s := f.sinks[slices.Index(f.nodes, out)]
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.displaced > 0 && out.Ready() != nil
	})
	f.heal()
	await(t, "it is back on the ring", func() bool { return out.host.Stats().Partitions > 0 })
	f.agree()
	works("healed")
	for _, n := range f.nodes {
		if err := n.Ready(); err != nil {
			t.Errorf("%s: %v", n.name.ID, err)
		}
		if n.host.Stats().Partitions == 0 {
			t.Errorf("%s owns nothing", n.name.ID)
		}
	}
}

// served is how many partitions are.
func (b *band) served() (n int) {
	for _, node := range b.nodes {
		n += node.host.Stats().Partitions
	}
	return n
}

// TestEitherDirection: where only one of two nodes can dial the other, they work together on its
// connections, and both stay on the ring.
func TestEitherDirection(t *testing.T) {
	t.Parallel() // it waits for most of its time
	f := newFenced(&band{t: t}, 2)
	mine, theirs := f.ownedBy(f.nodes[0]), f.ownedBy(f.nodes[1])
	subscribe(t, f.nodes[0], f.sinks[0], theirs)
	f.cut(0, 1, false)
	await(t, "no link that the first one has made", func() bool {
		return f.nodes[0].view.Load().Peer(f.nodes[1].name).Conn(link.Hot) == nil
	})
	for _, id := range []string{mine, theirs} {
		for _, n := range f.nodes {
			if err := n.SetOverride(t.Context(), id, shard.OverrideBusy, time.Time{}); err != nil {
				t.Errorf("%s at %s: %v", id, n.name.ID, err)
			}
		}
	}
	await(t, "a change is told", func() bool {
		f.sinks[0].mu.Lock()
		defer f.sinks[0].mu.Unlock()
		return f.sinks[0].views[theirs].Override == shard.OverrideBusy
	})
	end := time.Now().Add(fastBreakAfter + 4*reachEvery)
	for time.Now().Before(end) {
		for _, n := range f.nodes {
			if len(n.view.Load().Table.Members()) != 2 {
				t.Fatal("one was left out")
			}
		}
		time.Sleep(reachEvery / 5)
	}
}

// TestNoSecondHop: a node that is asked to pass a call on asks nobody else to.
func TestNoSecondHop(t *testing.T) {
	f := newFenced(&band{t: t}, 4)
	a, b, c := f.nodes[0], f.nodes[1], f.nodes[3]
	f.cut(1, 3, true)
	await(t, "the links are gone", func() bool { return b.caller.Direct(b.view.Load(), c.name, link.Hot) == nil })
	via := a.caller.Direct(a.view.Load(), b.name, link.Hot)
	payload := append(message.AppendUint32(codec.AppendText(nil, c.name.String()), 1000), message.OpFigures)
	err := via.Call(t.Context(), message.OpOnward, payload, func([]byte) error { return nil })
	if !errors.Is(err, link.ErrRemote) {
		t.Errorf("%v, want a refusal", err)
	}
}

// TestReadsAskTheOwnerThroughAnother: the copy of a node that has lost its owner's links doesn't
// follow; others can ask the owner.
func TestReadsAskTheOwnerThroughAnother(t *testing.T) {
	f := newFenced(&band{t: t}, 3)
	owner, asker := f.nodes[2], f.nodes[1]
	id := keptBy(owner, asker)
	f.cut(1, 2, true)
	await(t, "the links are gone", func() bool {
		return asker.caller.Direct(asker.view.Load(), owner.name,
			link.Hot) == nil
	})
	// It comes through the third node, and its backup is told so through that, too; hold that back.
	arrived := &asker.arrived.latest[asker.partitionOf(id)].mu
	arrived.Lock()
	defer arrived.Unlock()
	attach(t, f.nodes[0], id, "tab")
	wantStates(t, asker, []string{id}, shard.Online)
	if r, ok := asker.host.Inspect("", id, false); ok && r.State != shard.Offline {
		t.Fatalf("the copy follows: %v", r.State)
	}
}

// TestNobodyReachesTheBackup: nobody waits for a backup without any link that answers gossip. When
// it has left the ring, writes are done as soon: what it holds is not waited for, since no way
// leads to it.
func TestNobodyReachesTheBackup(t *testing.T) {
	t.Parallel() // it waits for most of its time
	f := newFenced(&band{t: t}, 3)
	owner, lost := f.nodes[0], f.nodes[2]
	id := keptBy(owner, lost)
	f.cut(0, 2, true)
	f.cut(1, 2, true)
	out := func() bool { return owner.view.Load().IsOut(lost.name) }
	tries := 0
	await(t, "the backup is left out", func() bool {
		begun := time.Now()
		err := owner.SetOverride(t.Context(), id, shard.OverrideBusy, time.Time{})
		if took := time.Since(begun); !errors.Is(err, ErrUnavailable) && !out() || took > ask.FactWait/2 {
			t.Fatalf("%v after %v", err, took)
		}
		tries++
		return out()
	})
	if tries == 0 {
		t.Error("nothing was tried")
	}
	await(t, "it is taken", func() bool {
		return owner.SetOverride(t.Context(), id, shard.OverrideBusy, time.Time{}) == nil
	})
}
