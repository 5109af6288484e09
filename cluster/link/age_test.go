package link

import (
	"math"
	"testing"
	"time"
)

// TestAges: a frame that was held up is late by as much, whatever the clocks say. A clock that
// drifts makes nothing late.
func TestAges(t *testing.T) {
	const ms = time.Millisecond
	for name, offset := range map[string]uint32{
		"same clock": 0, "behind": 5000, "ahead": math.MaxUint32 - 5000, "about to wrap": math.MaxUint32 - 30,
	} {
		var a ages
		note := func(sent, now time.Duration) time.Duration { return a.note(uint32(sent.Milliseconds())+offset, now) }
		for i := range time.Duration(100) {
			if late := note(i*100*ms, i*100*ms+3*ms); late != 0 {
				t.Fatalf("%s: the %d-th, as fast as all, is late by %v", name, i, late)
			}
		}
		if late := note(9*time.Second, 12*time.Second); late != 2997*ms {
			t.Errorf("%s: held up for 3 s, late by %v", name, late)
		}
		if late := note(12*time.Second, 12*time.Second+3*ms); late != 0 {
			t.Errorf("%s: as fast as before, late by %v", name, late)
		}
		for i := range time.Duration(40) { // a millisecond a second slower
			at := 13*time.Second + i*time.Second
			if late := note(at-i*ms, at+3*ms); late > 25*ms {
				t.Fatalf("%s: a clock that drifts is late by %v after %d s", name, late, i)
			}
		}
	}
}
