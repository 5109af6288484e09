package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// TestStrain: a link is broken when it has failed for long enough, and mended when it has worked
// for four times that. One that comes and goes stays what it was.
func TestStrain(t *testing.T) {
	const limit, look = 5 * time.Second, 500 * time.Millisecond
	type span struct {
		works bool
		lasts time.Duration
	}
	flapping := slices.Repeat([]span{{false, time.Second}, {true, time.Second}}, 100)
	for name, tc := range map[string]struct {
		spans []span
		want  bool
	}{
		"fails not long enough":      {[]span{{false, limit - look}}, false},
		"fails":                      {[]span{{false, limit}}, true},
		"fails and works again":      {[]span{{false, time.Hour}, {true, 4*limit - look}}, true},
		"has worked for long enough": {[]span{{false, time.Hour}, {true, 4 * limit}}, false},
		"half of the time":           {flapping, true},
		"half of the time, then not": {append(slices.Clone(flapping), span{true, 4 * limit}), false},
		"now and then": {
			slices.Repeat([]span{{false, time.Second}, {true, 5 * time.Second}}, 100),
			false,
		},
	} {
		var s strain
		changes := 0
		for _, sp := range tc.spans {
			for range sp.lasts / look {
				was := s.broken
				if s = s.step(sp.works, look, limit); s.broken != was {
					changes++
				}
			}
		}
		if s.broken != tc.want || changes > 2 {
			t.Errorf("%s: broken is %v after %d changes, want %v", name, s.broken, changes, tc.want)
		}
	}
}

// TestBreakTogether: links that fail almost at once are found broken at once, and no others.
func TestBreakTogether(t *testing.T) {
	v := view.New(serving(6), testPartitions, nil)
	self, peers := v.Members[0].Name, v.Members[1:]
	failsFrom := []time.Duration{0, together - reachEvery, together + reachEvery, time.Hour}
	all := make(strains)
	for at := time.Duration(0); at < breakAfter; at += reachEvery {
		for name, s := range all {
			if s.broken {
				t.Fatalf("%v is broken after %v", name, at)
			}
		}
		all.step(v, self, func(name link.Name) bool {
			place := slices.IndexFunc(peers, func(m gossip.Member) bool { return m.Name == name })
			if place == len(failsFrom) { // it fails for long, and works again just when the first one breaks
				return at+reachEvery == breakAfter
			}
			return at < failsFrom[place]
		}, reachEvery, breakAfter)
	}
	for place, want := range []bool{true, true, false, false, false} {
		if got := all[peers[place].Name].broken; got != want {
			t.Errorf("peer %d is broken: %v, want %v", place, got, want)
		}
	}
}

// TestReport: a node names those whom it doesn't reach, unless they are most owners.
func TestReport(t *testing.T) {
	members := serving(5)
	members = append(members, gossip.Member{
		Name: link.Name{ID: "x", Boot: "1"}, Role: gossip.Gateway,
		State: gossip.Serving,
	})
	v := view.New(members, testPartitions, nil)
	hash := func(i int) uint16 { return gossip.ShortHash(members[i].Name) }
	for name, tc := range map[string]struct {
		broken []int // places
		want   gossip.Report
	}{
		"none":               {nil, gossip.Report{}},
		"half of the owners": {[]int{1, 2}, gossip.Report{Broken: []uint16{hash(1), hash(2)}}},
		"most of the owners": {[]int{1, 2, 3}, gossip.Report{Apart: true, Broken: []uint16{hash(1), hash(2), hash(3)}}},
		"a gateway":          {[]int{5}, gossip.Report{Broken: []uint16{hash(5)}}},
	} {
		slices.Sort(tc.want.Broken)
		got := reportOf(v, members[0].Name, func(n link.Name) bool {
			return slices.ContainsFunc(tc.broken, func(i int) bool { return members[i].Name == n })
		})
		if !got.Equal(tc.want) {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

// ringOf is how many are on the ring when each has reported its links, of some owners and gateways
// between which works breaks links.
func ringOf(owners, gateways int, isCut func(i, j int) bool) int {
	var members []gossip.Member
	for i := range owners + gateways {
		m := gossip.Member{Name: link.Name{ID: fmt.Sprintf("n%03d", i), Boot: "1"}, State: gossip.Serving}
		if i >= owners {
			m.Role = gossip.Gateway
		}
		members = append(members, m)
	}
	v := view.New(members, testPartitions, nil)
	told := slices.Clone(members)
	for i := range told {
		told[i].Report = reportOf(v, told[i].Name, func(name link.Name) bool {
			j := v.Places[name.ID]
			return isCut(i, j) || isCut(j, i)
		})
	}
	return len(view.New(told, testPartitions, v).Table.Members())
}

// TestLargeBreaks: of two groups that don't reach each other the larger one is left, and gateways
// put no owner off the ring.
func TestLargeBreaks(t *testing.T) {
	between := func(first int) func(i, j int) bool { return func(i, j int) bool { return i < first && j >= first } }
	for _, tc := range []struct{ owners, gateways, first, want int }{
		{4, 0, 2, 2},
		{6, 0, 3, 3},
		{6, 0, 4, 4},
		{5, 40, 5, 5},
		{5, 100, 5, 5},
		{100, 0, 67, 67},
		{100, 0, 90, 90},
	} {
		if got := ringOf(tc.owners, tc.gateways, between(tc.first)); got != tc.want {
			t.Errorf("%d owners and %d gateways, cut after the first %d: %d on the ring, want %d", tc.owners,
				tc.gateways, tc.first, got, tc.want)
		}
	}
}
