package view

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// The circle's constants are part of the protocol between nodes: with others the same members give
// another table.
const (
	Replicas = 128  // points of a member
	Load     = 1.25 // how many times its even share a member takes at most
)

// circle is consistent hashing with bounded loads. Each member has points on a circle of hashes. A
// partition belongs to the first point at or after its own hash whose member has room.
//
// The backups are the owners that partitions would have without each single member. So the points
// are sorted once, and all of these tables are made of them. The library that defined the placement
// (github.com/buraksezer/consistent) sorts once a member and walks maps: with 100 nodes a change of
// members took it seconds. The tests compare with it.
type circle struct {
	points []point
	starts []int // by partition, the first point at or after its hash
}

type point struct {
	hash   uint64
	member uint16
}

func newCircle(members []string, partitions int) *circle {
	c := &circle{points: make([]point, 0, Replicas*len(members)), starts: make([]int, partitions)}
	for m, name := range members {
		for i := range Replicas {
			c.points = append(c.points, point{xxhash.Sum64String(strconv.Itoa(i) + ":" + name), uint16(m)})
		}
	}
	slices.SortFunc(c.points, func(a, b point) int { return cmp.Compare(a.hash, b.hash) })
	for p := range c.starts {
		hash := xxhash.Sum64(binary.LittleEndian.AppendUint64(nil, uint64(p)))
		at, _ := slices.BinarySearchFunc(c.points, hash,
			func(p point, hash uint64) int { return cmp.Compare(p.hash, hash) })
		c.starts[p] = at % len(c.points)
	}
	return c
}

// nobody is no member.
const nobody = math.MaxUint16

// place gives every partition, in order, to one of so many members. without is a member to leave
// out, or nobody.
func (c *circle) place(members int, without uint16, give func(partition int, member uint16)) {
	loads := make([]int, members)
	if without != nobody {
		members--
	}
	most := int(math.Ceil(float64(len(c.starts)) / float64(members) * Load))
	if without != nobody {
		loads[without] = most
	}
	for p, at := range c.starts {
		for loads[c.points[at].member] >= most {
			if at++; at == len(c.points) {
				at = 0
			}
		}
		m := c.points[at].member
		loads[m]++
		give(p, m)
	}
}
