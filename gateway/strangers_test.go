package gateway

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/tenant"
)

// TestStrangersAgainstModel: the count is exact up to the limit, over random questions and times; a
// refusal counts nothing, and who waits as long as it says is let in.
func TestStrangersAgainstModel(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 19))
			const limit = 10
			s, model := newStrangers(limit, mostStrangers), map[string]time.Time{}
			for step := range 300 {
				if r.IntN(2) == 0 {
					time.Sleep(time.Duration(r.Int64N(int64(6 * time.Hour))))
				}
				now := time.Now()
				maps.DeleteFunc(model, func(_ string, last time.Time) bool { return now.Sub(last) >= strangerDay })
				var ids []string
				for range 1 + r.IntN(limit+2) {
					ids = append(ids, fmt.Sprint("p", r.IntN(25)))
				}
				all, after := tenant.Name("").Participants(ids), maps.Clone(model)
				for _, id := range ids {
					after[id] = now
				}
				wait := s.take("ben", all, s.uncounted("ben", all, now), now)
				if (wait == 0) != (len(after) <= limit) {
					t.Fatalf("seed %d, step %d: wait %v with %d of %d", seed, step, wait, len(after), limit)
				}
				if wait == 0 {
					model = after
				}
				if s.size() != len(s.of("ben").last) || wait == 0 && s.size() != len(model) {
					t.Fatalf("seed %d, step %d: %d counted, want %d", seed, step, s.size(), len(model))
				}
				checkWait(t, s, ids, wait, limit)
			}
		})
	}
}

// checkWait waits as long as was said, less a bit, and then the bit: with a copy, so that nothing is
// counted.
func checkWait(t *testing.T, s *strangers, ids []string, wait time.Duration, limit int) {
	t.Helper()
	if slices.Sort(ids); wait == 0 || len(slices.Compact(slices.Clone(ids))) > limit {
		return
	}
	of, all := s.of("ben"), tenant.Name("").Participants(ids)
	kept, total := maps.Clone(of.last), s.total
	later := time.Now().Add(wait)
	if s.take("ben", all, s.uncounted("ben", all, later.Add(-1)), later.Add(-1)) == 0 {
		t.Error("it need not have waited so long")
	}
	if again := s.take("ben", all, s.uncounted("ben", all, later), later); again != 0 {
		t.Errorf("told to wait %v, and then %v", wait, again)
	}
	s.of("ben").last, s.total = kept, total
}

// TestStrangersOfMany: the viewer that asked longest ago makes room; one that has asked about nobody
// for a day takes none.
func TestStrangersOfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStrangers(3, 6)
		take := func(viewer tenant.Participant, ids ...tenant.Participant) {
			t.Helper()
			time.Sleep(time.Second)
			all := tenant.ListOf(ids...)
			if wait := s.take(viewer, all, all, time.Now()); wait != 0 {
				t.Errorf("%s waits %v", viewer, wait)
			}
		}
		take("v1", "a", "b", "c")
		take("v2", "a", "b", "c")
		take("v1", "a")
		take("v3", "a")
		if s.size() != 4 || s.viewers["v2"] != nil {
			t.Errorf("%d are counted, of v2 %v", s.size(), s.viewers["v2"])
		}
		take("v2", "d", "e") // it began anew
		time.Sleep(strangerDay)
		take("v4", "a")
		if s.size() != 1 || s.order.Len() != 1 {
			t.Errorf("%d are counted after a day, of %d viewers", s.size(), s.order.Len())
		}
		take("v5") // nobody that counts
		if s.order.Len() != 1 {
			t.Errorf("%d viewers are kept", s.order.Len())
		}
	})
}
