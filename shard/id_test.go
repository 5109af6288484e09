package shard

import (
	"strings"
	"testing"
)

// TestPlain compares with what plain means, for each byte at each place.
func TestPlain(t *testing.T) {
	for length := 1; length <= 30; length++ {
		for at := range length {
			for c := range 256 {
				id := []byte(strings.Repeat("~", length))
				id[at] = byte(c)
				want := c > ' ' && c < 0x7f && c != ','
				if got := plain(string(id)); got != want {
					t.Fatalf("byte %#x at %d of %d: plain is %v", c, at, length, got)
				}
			}
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	for b.Loop() {
		if err := ValidateParticipant("participant-0123456789ab"); err != nil {
			b.Fatal(err)
		}
	}
}
