package cluster

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/sweep"
	"github.com/scaiwave/presence/shard"
)

func account(t *testing.T, n *Node, id string) Account {
	t.Helper()
	a, err := n.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func said(t *testing.T, n *Node, id string) Said {
	t.Helper()
	s, err := n.Said(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// erasable gives somebody all there is, with windows with some at each node.
func (b *band) erasable(id string) (at *Attachment, peers []string) {
	b.t.Helper()
	ctx, n := b.t.Context(), b.nodes[0]
	at = attach(b.t, n, id, "tab")
	var dms []DirectMessage
	for _, owner := range b.nodes {
		peers = append(peers, b.ownedBy(owner))
		dms = append(dms, DirectMessage{A: id, B: peers[len(peers)-1], At: time.Now()})
	}
	errs := make([]error, len(dms))
	n.DirectMessages(ctx, dms, errs)
	errs = append(errs, n.SetEdges(ctx, []Edge{
		{Participant: id, Viewer: peers[0], Allow: shard.Allow}, {Participant: peers[1], Viewer: id, Allow: shard.Deny},
	})...)
	errs = append(errs, n.SetBlock(ctx, id, peers[1], true), n.SetBlock(ctx, peers[0], id, true),
		n.SetVisibility(ctx, id, shard.VisibilityChange{
			Visibility: shard.Visibility{Audience: shard.AudienceAllowed}, SetAudience: true,
		}))
	errs = append(errs, n.SetOverride(ctx, id, shard.OverrideBusy, time.Time{}))
	errs = append(errs, n.SetKind(ctx, id, shard.KindHuman, shard.AvailabilityUnset))
	if err := errors.Join(errs...); err != nil {
		b.t.Fatal(err)
	}
	return at, peers
}

// TestErase asks one node, and all nodes have forgotten: owner, backup, and those who have
// something with the participant.
func TestErase(t *testing.T) {
	b := newBand(t, 3)
	id := "erased-" + b.ownedBy(b.nodes[2])
	subscribe(t, b.nodes[0], b.sinks[0], id)
	at, peers := b.erasable(id)
	for _, n := range b.nodes {
		a := account(t, n, id)
		if len(a.Devices) != 1 || len(a.Windows) != 3 || a.Override != shard.OverrideBusy ||
			a.Kind != shard.KindHuman || a.LastSeen.IsZero() || a.KindAt.IsZero() {
			t.Fatalf("through %s: %+v", n.ID(), a)
		}
		if s := said(t, n, id); len(s.Blocks) != 1 || len(s.Edges) != 1 || s.Set.Audience != shard.AudienceAllowed {
			t.Fatalf("through %s it has said %+v", n.ID(), s)
		}
	}
	if err := b.nodes[1].Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for _, n := range b.nodes {
		for _, who := range append(peers, id) {
			if a := account(t, n, who); !cmp.Equal(a, Account{}) {
				t.Errorf("%s has of %s: %+v", n.ID(), who, a)
			}
			if s := said(t, n, who); len(s.Blocks) != 0 || len(s.Edges) != 0 || s.Set != (shard.Visibility{}) {
				t.Errorf("%s has that %s said %+v", n.ID(), who, s)
			}
			if p := n.partitionOf(who); n.host.Role(p) != 0 {
				if a, _ := n.host.Account(who); !cmp.Equal(a, Account{}) {
					t.Errorf("the copy of %s has of %s: %+v", n.ID(), who, a)
				}
				if s, _ := n.host.Said(who); len(s.Blocks) != 0 || len(s.Edges) != 0 {
					t.Errorf("the copy of %s has that %s said %+v", n.ID(), who, s)
				}
			}
		}
	}
	await(t, "the socket is evicted", func() bool {
		e := b.sinks[0].evictions()
		return len(e) == 1 && e[0].Reason == EvictSignedOut && at.Session < e[0].Below
	})
	if err := b.nodes[0].Beat(t.Context(), at, shard.ActivityOnline); err != nil && !errors.Is(err, ErrGone) {
		t.Fatal(err)
	}
	wantStates(t, b.nodes[1], []string{id}, shard.Offline)
	if s := b.sinks[0].sees(id); s != shard.Offline {
		t.Errorf("who watches sees %v", s)
	}
	attach(t, b.nodes[1], id, "tab")
	wantStates(t, b.nodes[2], []string{id}, shard.Online)
}

// TestErasureOutlivesItsOwner: the next owner knows of it, too, and so does one that comes later.
func TestErasureOutlivesItsOwner(t *testing.T) {
	b := newBand(t, 3)
	id := b.ownedBy(b.nodes[2])
	at, _ := b.erasable(id)
	if err := b.nodes[0].Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.crash(b.nodes[2])
	b.agree()
	b.add()
	b.agree()
	b.nodes[0].devices.reannounce(at) // an open socket that nobody told
	wantStates(t, b.nodes[1], []string{id}, shard.Offline)
	for _, n := range b.nodes {
		if all, whole := n.sweeper.Gather(t.Context()); len(all) != 1 || !whole {
			t.Errorf("%s knows of %v, all: %t", n.ID(), all, whole)
		}
	}
}

// TestMessageBeforeErasure: neither side of one is stored any more, nor tried again, whichever of
// the two was erased.
func TestMessageBeforeErasure(t *testing.T) {
	b := newBand(t, 2)
	id, peer, ctx := b.ownedBy(b.nodes[0]), b.ownedBy(b.nodes[1]), t.Context()
	sent := time.Now().Add(-time.Second)
	if err := b.nodes[1].Erase(ctx, id); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 2)
	b.nodes[1].DirectMessages(ctx, []DirectMessage{{id, peer, sent}, {peer, id, sent}}, errs)
	if !errors.Is(errs[0], ErrErased) || !errors.Is(errs[1], ErrErased) {
		t.Errorf("two from before: %v", errs)
	}
	f := b.nodes[1].finisher
	there, back := side{id, peer, sent.UnixMilli()}, side{peer, id, sent.UnixMilli()}
	if len(f.left) != 0 || !f.try(ctx, sides{there, back}) || !f.try(ctx, sides{back, there}) {
		t.Errorf("they are tried again; %d wait", len(f.left))
	}
	for _, id := range []string{id, peer} {
		if a := account(t, b.nodes[1], id); len(a.Windows) != 0 {
			t.Errorf("%s has a window: %+v", id, a)
		}
	}
	b.nodes[1].DirectMessages(ctx, []DirectMessage{{peer, id, time.Now().Add(time.Second)}}, errs[:1])
	if errs[0] != nil || f.dropped.Load() != 0 {
		t.Errorf("one from after: %v; %d were dropped", errs[0], f.dropped.Load())
	}
}

// TestSweep: half a window that is stored late, where nothing remembers the erasure, goes.
func TestSweep(t *testing.T) {
	b := newBand(t, 2)
	id, peer, ctx := b.ownedBy(b.nodes[0]), b.ownedBy(b.nodes[1]), t.Context()
	sent := time.Now().Add(-time.Second).UnixMilli()
	if err := b.nodes[0].Erase(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := b.nodes[0].finisher.write(ctx, new(ask.Window), side{peer, id, sent}); err != nil {
		t.Fatal(err)
	}
	if a := account(t, b.nodes[0], peer); len(a.Windows) != 1 {
		t.Fatalf("there is nothing to sweep: %+v", a)
	}
	b.nodes[1].sweeper.Sweep(ctx)
	if a := account(t, b.nodes[0], peer); len(a.Windows) != 0 {
		t.Errorf("it is still there: %+v", a)
	}
	if err := b.nodes[0].finisher.write(ctx, new(ask.Window), side{peer, id, sent}); !errors.Is(err, ErrErased) ||
		len(account(t, b.nodes[0], peer).Windows) != 0 {
		t.Errorf("it comes back: %v", err)
	}
}

// TestEraseAlone: one node without others does it all.
func TestEraseAlone(t *testing.T) {
	n, ctx := newNode(t), t.Context()
	if _, err := n.Attach(ctx, "ada", "tab", shard.ActivityOnline); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 1)
	n.DirectMessages(ctx, []DirectMessage{{A: "ada", B: "ben", At: time.Now()}}, errs)
	if err := errors.Join(errs[0], n.Erase(ctx, "ada")); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"ada", "ben"} {
		if a := account(t, n, id); !cmp.Equal(a, Account{}) {
			t.Errorf("%s: %+v", id, a)
		}
	}
}

// TestEraseUnavailable: while a partition is served by nobody it isn't said that all is forgotten.
func TestEraseUnavailable(t *testing.T) {
	b := newBand(t, 2)
	id := b.ownedBy(b.nodes[0])
	for p := range testPartitions {
		if owner, _ := b.nodes[1].view.Load().Owner(p); owner == b.nodes[1].name {
			b.nodes[1].host.Hold(p)
			break
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := b.nodes[0].Erase(ctx, id); !errors.Is(err, ErrUnavailable) {
		t.Errorf("of %s: %v", id, err)
	}
}

// TestSweepSendsNews: an owner sends a sweep only what it doesn't know yet.
func TestSweepSendsNews(t *testing.T) {
	b := newBand(t, 2)
	ctx, n := t.Context(), b.nodes[0]
	id := b.ownedBy(b.nodes[1])
	for i := range 3 {
		if err := b.nodes[i%2].Erase(ctx, id); err != nil {
			t.Fatal(err)
		}
		if all, whole := n.sweeper.Gather(ctx); !whole || len(all) != i+1 {
			t.Fatalf("%d are known, all: %t", len(all), whole)
		}
		op := ask.Remembered{Known: make(map[int]uint64), Partitions: testPartitions}
		for _, again := range []bool{false, true} {
			err := n.asker.At(ctx, b.nodes[1].name, link.Bulk, ask.Unbounded, &op)
			if sent := len(op.News) > 0; err != nil || sent == again || op.More {
				t.Errorf("again: %t: %+v is sent, more: %t, %v", again, op.News, op.More, err)
			}
			for _, r := range op.News {
				op.Known[r.Partition] = r.All.Digest()
			}
		}
		id = fmt.Sprint("again-", b.ownedBy(b.nodes[1]), i)
	}
}

// TestErasureOfNobody: no files are written anew for somebody who was never there, but for each who
// is, or was since.
func TestErasureOfNobody(t *testing.T) {
	n, ctx := newNode(t), t.Context()
	anew := false
	s := sweep.New(sweep.Config{Asker: n.asker, Views: &n.view, Shorten: func() { anew = true }, Log: n.log})
	erase := func(id string) bool {
		t.Helper()
		anew = false
		e, o := n.host.Erase(id)
		if o != shard.Done {
			t.Fatal(o)
		}
		n.host.Strike(shard.Erasures{e})
		s.Struck(shard.Erasures{e})
		return anew
	}
	for range 2 {
		if erase("nobody") {
			t.Error("files are written anew for who was never there")
		}
	}
	errs := make([]error, 1)
	n.DirectMessages(ctx, []DirectMessage{{
		A: "ada", B: "ben",
		At: time.Now().Add(-n.settings.DMWindow + 300*time.Millisecond),
	}}, errs)
	if err := errors.Join(errs[0], n.SetOverride(ctx, "cleo", shard.OverrideBusy, time.Time{})); err != nil {
		t.Fatal(err)
	}
	if !erase("cleo") {
		t.Error("files aren't written anew for who is there")
	}
	await(t, "the window is over", func() bool {
		n.host.Advance()
		return len(account(t, n, "ada").Windows) == 0
	})
	if !erase("ben") {
		t.Error("files aren't written anew for who was there")
	}
	if erase("nobody else") {
		t.Error("files are written anew for who was never there, after others")
	}
}
