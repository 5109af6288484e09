package cluster

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// newerFact is a fact of a participant as a newer version writes it.
func newerFact(id string) []byte {
	rest := codec.AppendText(codec.AppendText(nil, id), "status")
	rest = binary.BigEndian.AppendUint64(rest, uint64(shard.NewClock(9).Next(time.Now().UnixMilli())))
	rest = append(append(rest, 0), "on holiday"...)
	return append([]byte{200, byte(len(rest))}, rest...)
}

// TestOpaqueFactsStay: what a newer node has said of a participant is passed on like all that is
// known, until the participant is erased.
func TestOpaqueFactsStay(t *testing.T) {
	b := newBand(t, 3)
	owner := b.nodes[1]
	id := b.ownedBy(owner)
	p, extra := owner.partitionOf(id), newerFact(id)
	if err := owner.host.Merge(p, 99, shard.Extended(nothing(t, owner, p), extra), true); err != nil {
		t.Fatal(err)
	}
	want := func(when string, held shard.Opaque) {
		t.Helper()
		for _, n := range b.nodes {
			if got := said(t, n, id).Opaque; got != held {
				t.Errorf("%s: %s holds %+v, want %+v", when, n.ID(), got, held)
			}
		}
	}
	one := shard.Opaque{Facts: 1, Bytes: len(extra)}
	want("at first", one)
	await(t, "the backup has it", func() bool { return owner.replica.InMemory(p) })
	b.crash(owner)
	b.agree()
	want("after the owner's death", one)
	if _, err := b.tryAddNamed("late"); err != nil {
		t.Fatal(err)
	}
	b.agree()
	want("with one more", one)
	next, _ := b.nodes[0].view.Load().Owner(p)
	if err := b.node(next).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.crash(b.node(next))
	b.agree()
	want("after a hand-off", one)
	if err := b.nodes[0].Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	want("after an erasure", shard.Opaque{})
}
