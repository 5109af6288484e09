package view

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"
)

// Table says which node owns each partition: a pure function of the set of nodes on the ring, by
// consistent hashing with bounded loads (type circle). It never changes; a change of members makes
// a new one.
type Table struct {
	members     []string // sorted
	owners      []uint16 // by partition, an index into members
	fingerprint uint64
	backups     func() []uint16 // likewise, the owner without its owner; nobody, if there is one member
}

// NewTable makes the table of members, of which there must be one. Their order and repeats don't
// matter.

func NewTable(members []string, partitions int) *Table {
	names := slices.Compact(slices.Sorted(slices.Values(members)))
	c := newCircle(names, partitions)
	t := &Table{members: names, owners: make([]uint16, partitions)}
	c.place(len(names), nobody, func(p int, owner uint16) { t.owners[p] = owner })
	t.fingerprint = t.sum()
	t.backups = sync.OnceValue(func() []uint16 { return t.backupsBy(c) })
	return t
}

// backupsBy are the backups: for each member the owners of its partitions, as if it were gone.
func (t *Table) backupsBy(c *circle) []uint16 {
	backups := make([]uint16, len(t.owners))
	for m := range t.members {
		if len(t.members) == 1 {
			backups = slices.Repeat([]uint16{nobody}, len(backups))
			break
		}
		c.place(len(t.members), uint16(m), func(p int, owner uint16) {
			if int(t.owners[p]) == m {
				backups[p] = owner
			}
		})
	}
	return backups
}

// sum hashes the members, and which of them owns what.
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
	i, ok := slices.BinarySearch(t.members, member)
	for _, o := range t.owners {
		if ok && int(o) == i {
			n++
		}
	}
	return n
}

// Backup is the node that owns a partition once its owner has gone: exactly the node that takes
// over. ok is false if there is no other node.
func (t *Table) Backup(partition int) (member string, ok bool) {
	b := t.backups()[partition]
	if b == nobody {
		return "", false
	}
	return t.members[b], true
}

// Fingerprint is equal for equal tables, and, but for a chance of 2^-64, different for different
// ones.
func (t *Table) Fingerprint() string { return fmt.Sprintf("%016x", t.fingerprint) }
