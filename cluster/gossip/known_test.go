package gossip

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/memnet"
)

func name(id, boot string) link.Name { return link.Name{ID: id, Boot: boot} }

// TestKnown: a boot that was a member stays known when gossip has lost it. Another boot is not
// known.
func TestKnown(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		a := hosted(t, net.Host("10.0.0.1"), config("a"))
		none, cancel := context.WithCancel(t.Context())
		cancel()
		if a.Knows(name("b", "1")) || a.Await(none, name("b", "1")) {
			t.Error("b is known before it has come")
		}
		come := make(chan bool)
		go func() { come <- a.Await(t.Context(), name("b", "1")) }()
		b := met(t, hosted(t, net.Host("10.0.0.2"), config("b", a.Address())))
		if !<-come || !a.Knows(name("b", "1")) || a.Knows(name("b", "2")) || !b.Knows(name("a", "1")) {
			t.Error("b~1 is not known to a, or another boot of it is, or a is not known to b")
		}
		if err := b.Close(); err != nil { // as if it were killed
			t.Fatal(err)
		}
		await(t, a, "a~1 joining")
		if !a.Knows(name("b", "1")) {
			t.Error("b is not known any more as soon as gossip has lost it")
		}
	})
}

func TestFormer(t *testing.T) {
	f, now := make(former), time.Now()
	at := func(i int) time.Time { return now.Add(time.Duration(i) * time.Second) }
	for i := range maxFormer + 1 {
		f.add(name("n", fmt.Sprint(i)), at(i))
	}
	last := at(maxFormer)
	if len(f) != maxFormer || f.has(name("n", "0"), last) || !f.has(name("n", "1"), last) {
		t.Errorf("%d are kept; the first is %v, the second %v", len(f), f.has(name("n", "0"), last),
			f.has(name("n", "1"), last))
	}
	over := at(1).Add(rememberOf + time.Nanosecond)
	if f.has(name("n", "1"), over) || !f.has(name("n", "2"), over) {
		t.Error("not forgotten after an hour, or before")
	}
	if f.add(name("m", "1"), over); len(f) != maxFormer {
		t.Errorf("%d are kept, want all that went within the hour", len(f))
	}
}

// TestIntroduce: a member that no packet has told of a node is told by that node itself, and not
// only half a minute later by another member.
func TestIntroduce(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		hosted(t, net.Host("10.0.0.1"), config("seed"))
		a := hosted(t, net.Host("10.0.0.2"), config("a"))
		b := hosted(t, net.Host("10.0.0.3"), config("b"))
		_ = a.join([]string{"10.0.0.1:7946"})
		net.SetQuality(memnet.Quality{Latency: time.Millisecond, Drop: 1})
		_ = b.join([]string{"10.0.0.1:7946"})
		time.Sleep(time.Second)
		if !b.Knows(name("a", "1")) || a.Knows(name("b", "1")) {
			t.Fatal("a knows of b, or b doesn't of a")
		}
		b.Introduce(name("c", "1")) // of whom it knows nothing
		b.Introduce(name("a", "1"))
		time.Sleep(time.Second)
		if !a.Knows(name("b", "1")) {
			t.Error("a does not know of b")
		}
	})
}
