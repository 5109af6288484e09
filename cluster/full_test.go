package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// TestFullInParallel: where more edges and blocks of one participant come to two nodes at once than
// there is room for, as many are accepted as fit. None of these is missing, also after the owner
// has gone.
func TestFullInParallel(t *testing.T) {
	b := newBand(t, 3)
	owner := b.nodes[0]
	id, most := b.ownedBy(owner), DefaultSettings().MaxExceptions
	var all sync.WaitGroup
	edges, blocks := new(accepted), new(accepted)
	b.setMany(b.nodes[0], id, "first", most-2500, edges)
	for i, n := range b.nodes[:2] {
		all.Go(func() { b.setMany(n, id, fmt.Sprint("more", i, "-"), 2000, edges) })
		all.Go(func() {
			for j := range 50 {
				viewer := fmt.Sprint("block", i, "-", j)
				for !blocks.note(t, viewer, n.SetBlock(t.Context(), id, viewer, true)) {
				}
			}
		})
	}
	all.Wait()
	if n := len(edges.viewers) + len(blocks.viewers); n != most {
		t.Errorf("%d edges and blocks were accepted, want %d", n, most)
	}
	b.wantSaid("while the owner is there", id, edges.viewers, blocks.viewers)
	b.crash(owner)
	b.wantSaid("after it has gone", id, edges.viewers, blocks.viewers)
}

// TestAPartitionFitsInAFrame: all exceptions of two accounts of a partition, and as much for all
// else that it has.
func TestAPartitionFitsInAFrame(t *testing.T) {
	if 2*host.MaxWeight > link.MaxBulk/2 {
		t.Errorf("exceptions of %d bytes twice, in frames of %d", host.MaxWeight, link.MaxBulk)
	}
}

// TestNoHalfOfAMessageWhereThereIsNoRoom: a message of two of whom one's partition takes no more is
// refused, leaves nothing with the other one, and isn't tried again.
func TestNoHalfOfAMessageWhereThereIsNoRoom(t *testing.T) {
	b := newBand(t, 1)
	n := b.nodes[0]
	full := n.partitionOf("ada")
	other := "ben"
	for i := 0; n.partitionOf(other) == full; i++ {
		other = fmt.Sprint("ben", i)
	}
	long := shard.InnerID("acme", strings.Repeat("v", 120))
	for i, o := 0, shard.Done; o != shard.Full; i++ {
		id := fmt.Sprint("heavy", i)
		for j := 0; n.partitionOf(id) == full && j < 100 && o != shard.Full; j++ { // what has more is full before
			o = n.host.SetBlock(id, fmt.Sprint(long, j), true)
		}
	}
	errs := make([]error, 2)
	now := time.Now()
	n.DirectMessages(t.Context(), []DirectMessage{{A: "ada", B: other, At: now}, {A: other, B: "ada", At: now}}, errs)
	for _, err := range errs {
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v, want one that is unavailable", err)
		}
	}
	if account, err := n.Account(t.Context(), other); err != nil || len(account.Windows) > 0 {
		t.Errorf("half is left: %+v, %v", account.Windows, err)
	}
	if waiting := len(n.finisher.left); waiting > 0 {
		t.Errorf("%d messages wait", waiting)
	}
}

// accepted are the viewers about whom something was accepted.
type accepted struct {
	mu      sync.Mutex
	viewers []string
}

// note notes what came of an attempt, and reports whether it is known: on a busy machine it isn't
// always.
func (a *accepted) note(t *testing.T, viewer string, err error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil:
		a.viewers = append(a.viewers, viewer)
	case errors.Is(err, ErrUnavailable):
		return false
	case !errors.Is(err, ErrTooManyEdges):
		t.Errorf("%s: %v", viewer, err)
	}
	return true
}

// setMany has so many viewers be denied in one call, and again what isn't known.
func (b *band) setMany(n *Node, id, kind string, count int, a *accepted) {
	var all []Edge
	for i := range count {
		all = append(all, Edge{Participant: id, Viewer: fmt.Sprint(kind, i), Allow: shard.Deny})
	}
	for len(all) > 0 {
		var again []Edge
		for i, err := range n.SetEdges(b.t.Context(), all) {
			if !a.note(b.t, all[i].Viewer, err) {
				again = append(again, all[i])
			}
		}
		all = again
	}
}

// wantSaid wants a participant to have these edges and blocks, and no others.
func (b *band) wantSaid(when, id string, edges, blocks []string) {
	b.t.Helper()
	n := b.nodes[1]
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	said, err := n.Said(ctx, id)
	for err != nil && ctx.Err() == nil {
		said, err = n.Said(ctx, id)
	}
	if err != nil {
		b.t.Fatal(when, err)
	}
	var want, got []uint64
	for _, viewer := range edges {
		want = append(want, n.host.Viewer(viewer).Hash)
	}
	for _, e := range said.Edges {
		got = append(got, e.Viewer)
	}
	if slices.Sort(want); !slices.Equal(got, want) {
		b.t.Errorf("%s: there are %d edges, or others, want %d", when, len(got), len(want))
	}
	var names []string
	for _, x := range said.Blocks {
		names = append(names, x.Viewer)
	}
	if slices.Sort(blocks); !slices.Equal(names, blocks) {
		b.t.Errorf("%s: the blocks are %v, want %v", when, names, blocks)
	}
}
