package view

import (
	"cmp"
	"slices"

	"github.com/scaiwave/presence/cluster/gossip"
)

// ring is the set of nodes that own partitions: all those of the candidates that reach each other.
// It is a pure function of the candidates, which are sorted by id, and of what they report of their
// links. So nodes that see the same members have the same ring.
//
// A link is broken if both ends say so. A node that has died says nothing, and must not take its
// last peer off the ring before gossip knows. While there is a broken link, the node with the most
// of them is left out. Of several with equally many, these rules choose one:
//
//  1. One that is apart, or was left out before. Its links are heard of one by one, when they break
//     or mend, and that must not put another node out in between.
//  2. The one that owns the fewest partitions in the table of all candidates, which moves the least
//     state.
//  3. The last by id.
//
// A node that says it is apart says so of all others. One node always stays.
//
// Leaving out the node with the most broken links is the usual approximation of a smallest vertex
// cover, which can't be computed for 100 nodes in time. It may leave out a node too many, which
// costs a hand-off. Reports come and go slowly (see reach in package cluster), so the ring doesn't
// follow a link that flaps.
func ring(candidates []gossip.Member, partitions int) (ids []string) {
	on := slices.Clone(candidates)
	var all *Table
	for {
		worst := mostBroken(on)
		if len(worst) == 0 {
			break
		}
		if all == nil && len(worst) > 1 {
			all = NewTable(idsOf(candidates), partitions)
		}
		out := slices.MinFunc(worst, func(a, b int) int {
			return cmp.Or(
				outness(on[b])-outness(on[a]),
				all.Owned(on[a].Name.ID)-all.Owned(on[b].Name.ID),
				b-a)
		})
		on = slices.Delete(on, out, out+1)
	}
	return idsOf(on)
}

// outness ranks what a member says of itself: apart, left out before, or neither.
func outness(m gossip.Member) int {
	switch {
	case m.Report.Apart:
		return 2
	case m.Report.Out:
		return 1
	default:
		return 0
	}
}

// mostBroken are the places of the members with the most broken links among members. There are none
// if all links work.
func mostBroken(members []gossip.Member) (places []int) {
	most := 1
	for i, m := range members {
		n := 0
		for j, o := range members {
			if i != j && broken(m, o) {
				n++
			}
		}
		if n > most {
			most, places = n, nil
		}
		if n == most {
			places = append(places, i)
		}
	}
	return places
}

// broken reports whether the links between two members are broken: both say so.
func broken(a, b gossip.Member) bool {
	return a.Report.Names(b.Name) && b.Report.Names(a.Name)
}

func idsOf(members []gossip.Member) (ids []string) {
	for _, m := range members {
		ids = append(ids, m.Name.ID)
	}
	return ids
}
