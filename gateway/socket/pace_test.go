package socket

import (
	"testing"
	"time"

	"golang.org/x/time/rate"
	"pgregory.net/rapid"
)

// TestPace: a bucket that is a time says what a bucket with tokens says.
func TestPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		perSecond, burst := rapid.SampledFrom([]int{1, 4, 20, 1000}).Draw(t, "rate"), rapid.IntRange(1, 100).Draw(t, "burst")
		model, start := rate.NewLimiter(rate.Limit(perSecond), burst), time.Now()
		between := time.Second / time.Duration(perSecond)
		var p pace
		now := time.Duration(0)
		for range 300 {
			now += between / 4 * time.Duration(rapid.IntRange(0, 6).Draw(t, "quarters"))
			if got, want := p.allow(now, between, burst), model.AllowN(start.Add(now), 1); got != want {
				t.Fatalf("after %v: %t, want %t", now, got, want)
			}
		}
	})
}
