package shard

import (
	"testing"

	"pgregory.net/rapid"
)

// TestIndex compares the index with a map. Hashes come from few values, so that probes collide,
// wrap around and have equal tags.
func TestIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x index
		hashes := map[uint32]uint64{}
		hashOf := func(slot uint32) uint64 { return hashes[slot] }
		has := func(slot uint32, hash uint64) bool {
			if x.count == 0 {
				return false
			}
			for i := x.home(hash); ; i = x.next(i) {
				got, at := x.candidate(hash, i)
				if got == none || got == slot {
					return got == slot
				}
				i = at
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if x.count != len(hashes) {
					t.Fatalf("count %d, want %d", x.count, len(hashes))
				}
				for slot := range uint32(60) {
					hash, in := hashes[slot]
					if in && !has(slot, hash) {
						t.Fatalf("slot %d is lost", slot)
					}
				}
			},
			"add": func(t *rapid.T) {
				slot := rapid.Uint32Range(0, 59).Draw(t, "slot")
				if _, in := hashes[slot]; !in {
					hash := rapid.Uint64Range(0, 7).Draw(t, "high")<<61 | rapid.Uint64Range(0, 1).Draw(t, "tag")<<20
					hashes[slot] = hash
					x.add(hash, slot, hashOf)
				}
			},
			"remove": func(t *rapid.T) {
				slot := rapid.Uint32Range(0, 59).Draw(t, "slot")
				if hash, in := hashes[slot]; in {
					x.remove(hash, slot, hashOf)
					delete(hashes, slot)
				}
			},
		})
	})
}
