package auth

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	down := errors.New("down")
	for name, c := range map[string]struct {
		o    outcome
		gaps []time.Duration // one fetch after another
	}{
		"on time":               {outcome{}, []time.Duration{5, 5, 5}},
		"poked in vain":         {outcome{poked: true}, []time.Duration{10, 20, 40, 80, 160, 300, 300}},
		"poked for a new key":   {outcome{poked: true, changed: true}, []time.Duration{5, 5}},
		"down":                  {outcome{err: down}, []time.Duration{10, 20, 30, 30}},
		"down, and being poked": {outcome{poked: true, err: down}, []time.Duration{10, 20, 30, 30}},
	} {
		gap := minGap
		for i, want := range c.gaps {
			if gap = nextGap(gap, c.o); gap != want*time.Second {
				t.Errorf("%s: gap %d is %v; want %v", name, i, gap, want*time.Second)
			}
			if due := gap + rest(gap, c.o.err); c.o.err == nil && due != refreshEvery {
				t.Errorf("%s: due after %v; want %v", name, due, refreshEvery)
			}
		}
	}
	if gap := nextGap(160*time.Second, outcome{}); gap != minGap {
		t.Errorf("after a quiet time the gap is %v; want %v", gap, minGap)
	}
}

func TestAskedFor(t *testing.T) {
	var a askedFor
	now := epoch
	if !a.add("k", now) || a.add("k", now.Add(askAgain-1)) || !a.add("other", now) {
		t.Error("a kid is asked for once, whatever others do")
	}
	if !a.add("k", now.Add(askAgain)) || a.add("k", now.Add(askAgain+1)) {
		t.Error("a kid is asked for again after a while")
	}
	for i := range 100_000 {
		a.add(fmt.Sprint(i), now)
		if len(a.when) > maxAsked {
			t.Fatalf("remembers %d kids; the limit is %d", len(a.when), maxAsked)
		}
	}
}
