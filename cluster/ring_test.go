package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
)

// linked are serving members n1 to n<count>, of which pairs report that their links are broken.
func linked(count int, pairs ...[2]int) (members []gossip.Member) {
	for i := range count {
		members = append(members, gossip.Member{Name: link.Name{ID: fmt.Sprint("n", i+1), Boot: "1"}, State: gossip.Serving})
	}
	says := func(a, b int) {
		r := &members[a-1].Report
		r.Broken = append(r.Broken, gossip.ShortHash(members[b-1].Name))
		slices.Sort(r.Broken)
	}
	for _, p := range pairs {
		says(p[0], p[1])
		says(p[1], p[0])
	}
	return members
}

// without are the ids of n1 to n<count> that are not in out.
func without(count int, out ...string) (ids []string) {
	for i := range count {
		if id := fmt.Sprint("n", i+1); !slices.Contains(out, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// fewest is of two nodes the one with fewer partitions in the table of n1 to n<count>.
func fewest(count int, a, b string) string {
	t := NewTable(without(count), testPartitions)
	if t.Owned(a) < t.Owned(b) || t.Owned(a) == t.Owned(b) && a > b {
		return a
	}
	return b
}

func TestRing(t *testing.T) {
	oneSided := linked(3)
	oneSided[0].Report.Broken = []uint16{gossip.ShortHash(oneSided[1].Name)}
	apart := linked(4, [2]int{1, 4}, [2]int{2, 4}, [2]int{3, 4})
	apart[3].Report = gossip.Report{Apart: true}
	half := func(change func(r *gossip.Report)) []gossip.Member {
		for _, pair := range [][2]int{{1, 2}, {2, 1}} { // whichever of the two would be left out without it
			if members := linked(3, pair); fewest(3, "n1", "n2") != members[pair[1]-1].Name.ID {
				change(&members[pair[1]-1].Report)
				return members
			}
		}
		return nil
	}
	spared := "n1"
	if fewest(3, "n1", "n2") == "n1" {
		spared = "n2"
	}
	allApart := linked(3)
	for i := range allApart {
		allApart[i].Report.Apart = true
	}
	for name, tc := range map[string]struct {
		members []gossip.Member
		out     []string
	}{
		"all work":                      {linked(3), nil},
		"one pair":                      {linked(3, [2]int{2, 3}), []string{fewest(3, "n2", "n3")}},
		"one pair of two":               {linked(2, [2]int{1, 2}), []string{fewest(2, "n1", "n2")}},
		"one node from all":             {linked(3, [2]int{1, 2}, [2]int{1, 3}), []string{"n1"}},
		"two pairs of one of five":      {linked(5, [2]int{2, 3}, [2]int{3, 4}), []string{"n3"}},
		"two pairs apart":               {linked(5, [2]int{1, 2}, [2]int{3, 4}), []string{fewest(5, "n1", "n2"), fewest(5, "n3", "n4")}},
		"said by one end, as of a dead": {oneSided, nil},
		"one is apart":                  {apart, []string{"n4"}},
		"not heard of from all yet":     {half(func(r *gossip.Report) { *r = gossip.Report{Apart: true} }), []string{spared}},
		"mended with one of two":        {half(func(r *gossip.Report) { r.Out = true }), []string{spared}},
	} {
		if diff := cmp.Diff(without(len(tc.members), tc.out...), ring(tc.members, testPartitions)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	if got := ring(allApart, testPartitions); len(got) != 1 {
		t.Errorf("of three that reach nobody %v are on the ring, want one", got)
	}
}

// TestRingWorks: whatever is broken, those on the ring reach each other, and somebody is on it.
func TestRingWorks(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		n := 1 + r.IntN(12)
		var pairs [][2]int
		for a := 1; a <= n; a++ {
			for b := a + 1; b <= n; b++ {
				if r.IntN(4) == 0 {
					pairs = append(pairs, [2]int{a, b})
				}
			}
		}
		members := linked(n, pairs...)
		on := ring(members, testPartitions)
		if len(on) == 0 {
			t.Fatalf("seed %d: nobody is on the ring of %d with %v broken", seed, n, pairs)
		}
		for _, p := range pairs {
			if slices.Contains(on, fmt.Sprint("n", p[0])) && slices.Contains(on, fmt.Sprint("n", p[1])) {
				t.Fatalf("seed %d: %v are on the ring of %d with %v broken", seed, p, n, pairs)
			}
		}
	}
}

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
		"now and then":               {slices.Repeat([]span{{false, time.Second}, {true, 5 * time.Second}}, 100), false},
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

// TestReport: a node names those whom it doesn't reach, unless they are most owners.
func TestReport(t *testing.T) {
	members := linked(5)
	members = append(members, gossip.Member{Name: link.Name{ID: "x", Boot: "1"}, Role: gossip.Gateway, State: gossip.Serving})
	v := newView(members, testPartitions, nil)
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
	v := newView(members, testPartitions, nil)
	told := slices.Clone(members)
	for i := range told {
		told[i].Report = reportOf(v, told[i].Name, func(name link.Name) bool {
			j := v.places[name.ID]
			return isCut(i, j) || isCut(j, i)
		})
	}
	return len(newView(told, testPartitions, v).table.members)
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
			t.Errorf("%d owners and %d gateways, cut after the first %d: %d on the ring, want %d", tc.owners, tc.gateways, tc.first, got, tc.want)
		}
	}
}
