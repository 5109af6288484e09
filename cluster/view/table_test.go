package view

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestTableIsWhatItWas stores a fingerprint: a change in the ring library, or in its constants, must not go unnoticed,
// since nodes of both sorts would disagree on owners.
func TestTableIsWhatItWas(t *testing.T) {
	if got, want := NewTable(members(5), 4096).Fingerprint(), "6b56af7e3cf1cd53"; got != want {
		t.Errorf("the table of five nodes has fingerprint %s, had %s", got, want)
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
