package shard

import (
	"fmt"
	"testing"
)

// TestEdgesOfOneVersion: of edges of one version it doesn't matter which comes first, nor which of
// them have ended by then. What counts is the stricter one, for as long as it does.
func TestEdgesOfOneVersion(t *testing.T) {
	set := testSettings()
	v, viewer, k := versionAt(set, Origin), viewerNamed("eve"), KeyOf("ada")
	var all []incomingEdge
	for _, kind := range kindOfEdge {
		for _, until := range []Tick{0, 10, 20} {
			e := incomingEdge{viewer.Hash, wordOf(v, kind), 0}
			if until > 0 && kind != cellForgotten {
				e.until = set.Time(Origin + until)
			}
			all = append(all, e)
		}
	}
	// trusts are those of the ticks from at on, when x came at once and y comes then.
	trusts := func(x, y incomingEdge, at Tick) string {
		p, _ := sayer(set)
		p.mergeEdge(p.find(k), x)
		said := ""
		for now := Origin; now < Origin+30; now++ {
			p.Advance(now)
			if now == Origin+at {
				p.mergeEdge(p.find(k), y.asOf(set.Time(now)))
			}
			if now >= Origin+at {
				said += fmt.Sprint(trustIn(p, k, viewer))
			}
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		return said
	}
	for _, x := range all {
		for _, y := range all {
			together := trusts(x, y, 0)
			for _, at := range []Tick{0, 5, 15, 25} {
				if got, want := trusts(x, y, at), trusts(y, x, at); got != want || got != together[at:] {
					t.Errorf("%x until %d, %x until %d, %d ticks apart: %s, the other way round %s, together %s",
						x.word, x.until, y.word, y.until, at, got, want, together)
				}
			}
		}
	}
}
