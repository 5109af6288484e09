package cluster

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestPairs(t *testing.T) {
	all := []string{"hot", "events", "bulk"}
	d := Description{Members: []Member{
		{ID: "a"},
		{ID: "b", Broken: []string{"c"}},
		{ID: "c", Broken: []string{"b"}},
		{ID: "d", Apart: true},
		{ID: "e"},
	}}
	figures := map[string]Figures{
		"a": {Links: map[string][]string{"b": nil, "c": {"hot"}, "d": nil, "e": nil}},
		"b": {Links: map[string][]string{"a": nil, "c": all, "e": nil}},
		"c": {Links: map[string][]string{"a": nil, "b": nil, "d": nil, "e": all}},
	}
	silent := func(id string, reported bool) End { return End{ID: id, Reported: reported} }
	says := func(id string, missing ...string) End { return End{ID: id, Answered: true, Missing: missing} }
	want := []Pair{
		{LinksWork, [2]End{says("a"), says("b")}},
		{LinksBroken, [2]End{says("a", "hot"), says("c")}},
		{LinksBroken, [2]End{says("a"), silent("d", true)}},
		{LinksUnknown, [2]End{says("a"), silent("e", false)}},
		{LinksBroken, [2]End{
			{ID: "b", Answered: true, Missing: all, Reported: true},
			{ID: "c", Answered: true, Reported: true},
		}},
		{LinksBroken, [2]End{{ID: "b", Answered: true, Unseen: true}, silent("d", true)}},
		{LinksUnknown, [2]End{says("b"), silent("e", false)}},
		{LinksBroken, [2]End{says("c"), silent("d", true)}},
		{LinksBroken, [2]End{says("c", all...), silent("e", false)}},
		{LinksBroken, [2]End{silent("d", true), silent("e", false)}},
	}
	got := Pairs(d, figures)
	if len(got) != len(want) {
		t.Fatalf("%d pairs, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("pair %+v, want %+v", got[i], want[i])
		}
	}
}

// said is what the pairs of a band look like from one node: "a-b work", and what each end says
// where they don't.
func (f *fenced) said(at *Node) (lines []string) {
	for _, p := range Pairs(at.Describe(), at.Figures(f.t.Context())) {
		line := fmt.Sprintf("%s-%s %s", p.Ends[0].ID, p.Ends[1].ID, p.Links)
		if p.Links != LinksWork {
			for _, e := range p.Ends {
				line += fmt.Sprintf(", %s %v", e.ID, e.Missing)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// TestCutPairIsShown: each node shows which links of which pair are gone, as both ends say it; the
// two ask each other through the third.
func TestCutPairIsShown(t *testing.T) {
	t.Parallel() // it waits for most of its time
	f := newFenced(&band{t: t}, 3)
	shows := func(want ...string) {
		t.Helper()
		for _, n := range f.nodes {
			await(t, fmt.Sprintf("%s shows %v", n.ID(), want), func() bool { return slices.Equal(f.said(n), want) })
		}
	}
	shows("a-b work", "a-c work", "b-c work")
	f.cut(1, 2, true)
	shows("a-b work", "a-c work", "b-c broken, b [hot events bulk], c [hot events bulk]")
	missing := func(n *Node) string { return fmt.Sprint(n.Stats().LinksMissing) }
	for i, want := range []string{
		"map[bulk:0 events:0 hot:0]", "map[bulk:1 events:1 hot:1]",
		"map[bulk:1 events:1 hot:1]",
	} {
		if got := missing(f.nodes[i]); got != want {
			t.Errorf("%s misses %s, want %s", f.nodes[i].ID(), got, want)
		}
	}
	f.leftOutIsShown()
	f.heal()
	shows("a-b work", "a-c work", "b-c work")
}

// leftOutIsShown waits until one of the pair is left out of the ring, and until all nodes show who,
// and why it is not ready.
func (f *fenced) leftOutIsShown() {
	f.t.Helper()
	for _, n := range f.nodes {
		await(f.t, n.ID()+" shows who is left out", func() bool {
			d, figures := n.Describe(), n.Figures(f.t.Context())
			i := slices.IndexFunc(d.Members, func(m Member) bool { return m.Out })
			return i >= 0 && d.Members[i].Partitions == 0 && len(d.Members[i].Broken) == 1 &&
				strings.Contains(figures[d.Members[i].ID].NotReady, "left out of the ring")
		})
	}
}

// TestReportSpeaksForTheSilent: what a node has said by gossip is shown when nobody can ask it.
func TestReportSpeaksForTheSilent(t *testing.T) {
	t.Parallel() // it waits for most of its time
	f := newFenced(&band{t: t}, 3)
	for i := range 2 {
		f.cut(i, 2, true)
	}
	a := f.nodes[0]
	await(t, "c speaks by gossip", func() bool {
		for _, p := range Pairs(a.Describe(), a.Figures(t.Context())) {
			if c := p.Ends[1]; c.ID == "c" && (p.Links != LinksBroken || c.Answered || !c.Reported) {
				return false
			}
		}
		return true
	})
	if got := fmt.Sprint(a.Figures(t.Context())); strings.Contains(got, "c:{") {
		t.Errorf("c answered: %s", got)
	}
}
