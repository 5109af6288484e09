package view

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/buraksezer/consistent"
	"github.com/cespare/xxhash/v2"
)

// The ring's constants are part of the protocol between nodes: with others the same members give another table.
const (
	RingReplicas = 128
	RingLoad     = 1.25
)

// Table says which node owns each partition: a pure function of the set of serving nodes, by consistent hashing with
// bounded loads. It never changes; a change of members makes a new one.
type Table struct {
	members     []string // sorted
	owners      []uint16 // by partition, an index into members
	fingerprint uint64

	without []func() *Table // by member, computed once
}

type ringMember string

func (m ringMember) String() string { return string(m) }

type ringHash struct{}

func (ringHash) Sum64(b []byte) uint64 { return xxhash.Sum64(b) }

// NewTable makes the table of members, in any order and repeated at will; at least one.
func NewTable(members []string, partitions int) *Table {
	names := slices.Compact(slices.Sorted(slices.Values(members)))
	ring := make([]consistent.Member, len(names))
	index := make(map[string]uint16, len(names))
	for i, n := range names {
		ring[i], index[n] = ringMember(n), uint16(i)
	}
	c := consistent.New(ring, consistent.Config{
		Hasher: ringHash{}, PartitionCount: partitions, ReplicationFactor: RingReplicas, Load: RingLoad,
	})
	t := &Table{members: names, owners: make([]uint16, partitions)}
	for p := range t.owners {
		t.owners[p] = index[c.GetPartitionOwner(p).String()]
	}
	t.fingerprint = t.sum()
	for _, n := range names {
		t.without = append(t.without, sync.OnceValue(func() *Table { return t.remove(n) }))
	}
	return t
}

// sum hashes who owns what.
func (t *Table) sum() uint64 {
	d := xxhash.New()
	for _, m := range t.members {
		fmt.Fprintf(d, "%d:%s,", len(m), m)
	}
	for _, o := range t.owners {
		d.Write(binary.BigEndian.AppendUint16(nil, o))
	}
	return d.Sum64()
}

// Members are the nodes, sorted.
func (t *Table) Members() []string { return t.members }

// has reports whether a node is one of them.
func (t *Table) has(member string) bool {
	_, ok := slices.BinarySearch(t.members, member)
	return ok
}

// Partitions is how many partitions there are.
func (t *Table) Partitions() int { return len(t.owners) }

// Owner is the node that owns a partition.
func (t *Table) Owner(partition int) string { return t.members[t.owners[partition]] }

// Owned is how many partitions a node owns.
func (t *Table) Owned(member string) (n int) {
	for p := range t.owners {
		if t.Owner(p) == member {
			n++
		}
	}
	return n
}

// Without is the table as if one of the members were gone, or nil if nobody is left. Who owns a partition in it is the backup of what
// that node owns: exactly the node that takes over.
func (t *Table) Without(member string) *Table {
	i, _ := slices.BinarySearch(t.members, member)
	return t.without[i]()
}

func (t *Table) remove(member string) *Table {
	rest := slices.DeleteFunc(slices.Clone(t.members), func(m string) bool { return m == member })
	if len(rest) == 0 {
		return nil
	}
	return NewTable(rest, len(t.owners))
}

// Fingerprint is equal for equal tables, and, but for a chance of 2^-64, different for different ones.
func (t *Table) Fingerprint() string { return fmt.Sprintf("%016x", t.fingerprint) }
