package view

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/buraksezer/consistent"
	"github.com/cespare/xxhash/v2"
)

// TestTableIsWhatItWas stores a fingerprint: a change of the circle, or of its constants, must not
// go unnoticed, since nodes of both sorts would disagree on owners.
func TestTableIsWhatItWas(t *testing.T) {
	if got, want := NewTable(members(5), 4096).Fingerprint(), "6b56af7e3cf1cd53"; got != want {
		t.Errorf("the table of five nodes has fingerprint %s, had %s", got, want)
	}
}

type named string

func (n named) String() string { return string(n) }

type hasher struct{}

func (hasher) Sum64(b []byte) uint64 { return xxhash.Sum64(b) }

// defined is who owns each partition by the library that defined the placement.
func defined(names []string, partitions int) (owners []string) {
	all := make([]consistent.Member, len(names))
	for i, n := range names {
		all[i] = named(n)
	}
	c := consistent.New(all, consistent.Config{
		Hasher: hasher{}, PartitionCount: partitions, ReplicationFactor: Replicas, Load: Load,
	})
	for p := range partitions {
		owners = append(owners, c.GetPartitionOwner(p).String())
	}
	return owners
}

// TestTableIsAsDefined: of clusters of many sizes, and of any nodes of them, owners and backups are
// those of the library.
func TestTableIsAsDefined(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 20} {
		partitions := 64 + rand.IntN(1000)
		names := members(100)
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		names = slices.Sorted(slices.Values(names[:n]))
		table, want := NewTable(names, partitions), defined(names, partitions)
		for i, gone := range names {
			rest := slices.Delete(slices.Clone(names), i, i+1)
			var next []string
			if len(rest) > 0 {
				next = defined(rest, partitions)
			}
			for p, owner := range want {
				if got := table.Owner(p); got != owner {
					t.Fatalf("%v: %s owns partition %d of %d, not %s", names, got, p, partitions, owner)
				}
				if owner != gone {
					continue
				}
				if got, ok := table.Backup(p); ok != (next != nil) || ok && got != next[p] {
					t.Fatalf("%v: the backup of partition %d of %d is %s, %v", names, p, partitions, got, ok)
				}
			}
		}
	}
}

// BenchmarkView is what a node does at a change of members: the table, and the backups.
func BenchmarkView(b *testing.B) {
	for _, n := range []int{3, 20, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			names := members(n)
			for b.Loop() {
				NewTable(names, 4096).Backup(0)
			}
		})
	}
}

func TestTableDependsOnTheSetAlone(t *testing.T) {
	names := members(9)
	want := NewTable(names, 1024).Fingerprint()
	for range 20 {
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		if got := NewTable(append(names, names[0]), 1024).Fingerprint(); got != want {
			t.Fatalf("in the order %v: %s, want %s", names, got, want)
		}
	}
	if NewTable(names[1:], 1024).Fingerprint() == want {
		t.Error("another set, the same fingerprint")
	}
}

func TestTableIsBalancedAndMovesLittle(t *testing.T) {
	three, four := NewTable(members(3), 4096), NewTable(members(4), 4096)
	moved, total := 0, 0
	for p := range 4096 {
		if three.Owner(p) != four.Owner(p) {
			moved++
		}
	}
	for _, m := range four.Members() {
		owned := four.Owned(m)
		total += owned
		if owned > 4096/4*13/10 {
			t.Errorf("%s owns %d of 4096", m, owned)
		}
	}
	if total != 4096 {
		t.Errorf("%d partitions have an owner", total)
	}
	if moved > 4096/4*115/100 {
		t.Errorf("a fourth node moved %d partitions", moved)
	}
}

func members(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("node-%d", i))
	}
	return names
}
