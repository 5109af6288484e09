package timing

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// trimmed is the mean of what is left without the fastest and the slowest fifth.
func trimmed(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	s = s[len(s)/5 : len(s)-len(s)/5]
	sum := 0.0
	for _, v := range s {
		sum += v
	}
	return sum / float64(len(s))
}

// noise is how far apart the trimmed means of two halves of the same samples may be: the largest
// that many random splits give. Half of the samples are as many as each of the two that are
// compared.
func noise(samples []float64) (most float64) {
	r := rand.New(rand.NewPCG(1, 2))
	s := slices.Clone(samples)
	for range 1000 {
		r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
		most = max(most, math.Abs(trimmed(s[:len(s)/2])-trimmed(s[len(s)/2:])))
	}
	return most
}

func micros(v float64) time.Duration {
	return time.Duration(v * float64(time.Microsecond)).Round(100 * time.Nanosecond)
}

// TestMeans: a difference of a tenth is seen among samples that spread as times do, and none where
// there is none.
func TestMeans(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	draw := func(center float64) (all []float64) {
		for range 400 {
			all = append(all, center*(1+0.2*r.ExpFloat64()))
		}
		return append(all, 100*center)
	}
	gone, control, slow := draw(500), draw(500), draw(550)
	limit := noise(append(slices.Clone(gone), control...))
	if d := math.Abs(trimmed(gone) - trimmed(control)); d > limit {
		t.Errorf("the same differ by %v, noise is %v", d, limit)
	}
	if d := trimmed(slow) - trimmed(gone); d < limit {
		t.Errorf("others differ by %v, noise is %v", d, limit)
	}
}
