package cluster

import (
	"slices"
	"testing"
	"time"
)

// TestJoinTime: a node that joins dials others which have not heard of it yet, and they hold it
// until they have. That must not be felt.
func TestJoinTime(t *testing.T) {
	b := newBand(t, 3)
	var took []time.Duration
	for range 7 {
		start := time.Now()
		b.add()
		took = append(took, time.Since(start))
		b.agree()
	}
	slices.Sort(took)
	t.Logf("one more node joins in %v to %v, %v at the median", took[0], took[len(took)-1], took[len(took)/2])
	if took[len(took)/2] > time.Second {
		t.Errorf("too slow: %v", took)
	}
}
