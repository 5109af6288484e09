package view

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
)

// partitions is how many there are in these tests.
const partitions = 64

// linked are serving members n1 to n<count>, of which pairs report that their links are broken.
func linked(count int, pairs ...[2]int) (members []gossip.Member) {
	for i := range count {
		name := link.Name{ID: fmt.Sprint("n", i+1), Boot: "1"}
		members = append(members, gossip.Member{Name: name, State: gossip.Serving})
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
	t := NewTable(without(count), partitions)
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
		"all work":                 {linked(3), nil},
		"one pair":                 {linked(3, [2]int{2, 3}), []string{fewest(3, "n2", "n3")}},
		"one pair of two":          {linked(2, [2]int{1, 2}), []string{fewest(2, "n1", "n2")}},
		"one node from all":        {linked(3, [2]int{1, 2}, [2]int{1, 3}), []string{"n1"}},
		"two pairs of one of five": {linked(5, [2]int{2, 3}, [2]int{3, 4}), []string{"n3"}},
		"two pairs apart": {
			linked(5, [2]int{1, 2}, [2]int{3, 4}),
			[]string{fewest(5, "n1", "n2"), fewest(5, "n3", "n4")},
		},
		"said by one end, as of a dead": {oneSided, nil},
		"one is apart":                  {apart, []string{"n4"}},
		"not heard of from all yet": {
			half(func(r *gossip.Report) { *r = gossip.Report{Apart: true} }),
			[]string{spared},
		},
		"mended with one of two": {half(func(r *gossip.Report) { r.Out = true }), []string{spared}},
	} {
		if diff := cmp.Diff(without(len(tc.members), tc.out...), ring(tc.members, partitions)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	if got := ring(allApart, partitions); len(got) != 1 {
		t.Errorf("of three that reach nobody %v are on the ring, want one", got)
	}
}

// TestRingWorks: whatever is broken, the nodes on the ring reach each other, and there is one.
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
		on := ring(members, partitions)
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
