package gossip

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/memnet"
	"github.com/scaiwave/presence/cluster/protocol"
)

// TestMetaIsThatOfTheReleaseBefore: a node of that knows no other metadata.
func TestMetaIsThatOfTheReleaseBefore(t *testing.T) {
	const want = "02" + "02" + "01" + "0a" + "31302e302e302e313a37" + "09" + "37207469636b3d3173" + "8200070109"
	here := protocol.Terms{Range: protocol.Spoken, Words: "tick=1s", Later: "viewer=1"}
	m := Member{
		Role: Gateway, State: Serving, Peer: "10.0.0.1:7", Speaks: here.Range,
		Report: Report{Apart: true, Broken: []uint16{7, 0x109}},
	}
	b, err := appendMeta(m, here.Text())
	if err != nil || hex.EncodeToString(b) != want {
		t.Errorf("written %x, %v; want %s", b, err, want)
	}
}

// TestMetaOfLaterVersions: what follows the report is skipped.
func TestMetaOfLaterVersions(t *testing.T) {
	m := Member{Peer: "10.0.0.1:7", Speaks: protocol.Range{Lowest: 7, Highest: 8}}
	b, err := appendMeta(m, "7 tick=1s")
	if err != nil {
		t.Fatal(err)
	}
	got, terms, err := parse(&memberlist.Node{Name: "a~1", Meta: append(b, 3, 1, 2, 3), DMax: 1})
	m.Name = got.Name
	if err != nil || !got.Equal(m) || terms.Words != "tick=1s" {
		t.Errorf("%+v, %+v, %v; want %+v", got, terms, err, m)
	}
}

// TestVersionsMeet: nodes of this version, the one before and the one after are one cluster as long
// as each two speak a protocol, and know what the others speak.
func TestVersionsMeet(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		of := func(id string, lowest, highest int, seeds ...string) Config {
			c := config(id, seeds...)
			c.Terms.Range = protocol.Range{Lowest: lowest, Highest: highest}
			return c
		}
		a := hosted(t, net.Host("10.0.0.1"), of("a", 7, 8))
		b := met(t, hosted(t, net.Host("10.0.0.2"), of("b", 6, 7, a.Address())))
		await(t, a, "a~1 joining", "b~1 joining")
		await(t, b, "a~1 joining", "b~1 joining")
		for _, g := range []*Gossip{a, b} {
			if got := spoken(g); !slices.Equal(got, []string{"7-8", "6-7"}) {
				t.Errorf("they speak %v", got)
			}
		}
		c := hosted(t, net.Host("10.0.0.3"), of("c", 9, 10, a.Address()))
		if found, err := c.Join(t.Context()); found || err == nil ||
			!strings.Contains(err.Error(), "and this node 9-10; upgrade by one release") {
			t.Errorf("two releases further on: found %v, %v", found, err)
		}
		if err := b.Leave(); err != nil {
			t.Fatal(err)
		}
		met(t, hosted(t, net.Host("10.0.0.4"), of("d", 8, 9, a.Address())))
		await(t, a, "a~1 joining", "d~1 joining")
		synctest.Wait()
		if got := spoken(a); !slices.Equal(got, []string{"7-8", "8-9"}) {
			t.Errorf("they speak %v", got)
		}
	})
}

// spoken are the protocols of the members, by name.
func spoken(g *Gossip) (all []string) {
	for _, m := range g.Members() {
		all = append(all, m.Speaks.String())
	}
	return all
}
