package scenario

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/bench/load"
)

func TestOfflineEventsAreOfTheirDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s := bare(t), &Expiry{Leaving: 2}
		s.prepare()
		offline := func(n int) { s.see(r, []byte(load.ID("leaving-now", n)), []byte("offline")) }
		want := func(what string, early, seen int64) {
			t.Helper()
			if f, n := r.Records.FalseOffline.Load(), s.seen.Load(); f != early || n != seen {
				t.Errorf("%s: %d false, %d seen; want %d and %d", what, f, n, early, seen)
			}
		}
		offline(0)
		want("before it came", 0, 0)
		for n := range s.gone {
			s.gone[n].due.Store(time.Now().Add(time.Second).UnixNano())
		}
		offline(0)
		want("a second early", 1, 0)
		time.Sleep(time.Second - expiryRounding)
		offline(0)
		want("early by what clocks are rounded", 1, 1)
		offline(0)
		want("once more", 1, 1)
		select {
		case <-s.all:
			t.Error("all were seen, and one is missing")
		default:
		}
		time.Sleep(time.Second)
		offline(1)
		want("the other", 1, 2)
		<-s.all
		if late := r.Records.Quantile(expiryLate, 100); late < 990*time.Millisecond {
			t.Errorf("the last was late by %v; want about a second", late)
		}
	})
}
