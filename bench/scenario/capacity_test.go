package scenario

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAllThatWasDueIsCounted: 12,800 requests are due in the step. 256 at a time wait for an
// answer, for so long that most are never begun.
func TestAllThatWasDueIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := bare(t)
		s := &Capacity{People: People{Participants: 15, Batch: 10}, Step: time.Second, P99: time.Minute}
		sizes := []int{10, 5} // the last batch of the crowd is smaller
		s.beat(t.Context(), r, 128_000, func(i int) ([]byte, int) { return nil, sizes[i%2] },
			func(context.Context, []byte, int) error {
				time.Sleep(500 * time.Millisecond)
				return nil
			})
		c := r.Records.Counts()
		begun := 12_800 - c.Errors["not started"]
		if want := 128_000 - begun/2*5; c.Offered != want || begun == 0 || begun == 12_800 {
			t.Errorf("%d offered, %d requests begun; want %d", c.Offered, begun, want)
		}
		if got := s.broken(r); !strings.Contains(got, " of 12800 requests failed") {
			t.Error(got)
		}
	})
}

func TestAFalseOfflineBreaksTheServiceLevel(t *testing.T) {
	r := bare(t)
	s := &Capacity{People: People{Batch: 10}, P99: time.Second, Errors: 100}
	if got := s.broken(r); !strings.Contains(got, "nothing was due") {
		t.Errorf("%q of a step without requests", got)
	}
	r.Records.Took(raised, time.Now(), time.Millisecond)
	if got := s.broken(r); got != "" {
		t.Errorf("%q of a step that went well", got)
	}
	r.Records.FalseOffline.Add(1)
	if got := s.broken(r); !strings.Contains(got, "1 states said offline") {
		t.Errorf("%q after a false offline", got)
	}
}

func TestARequestIsNotLargerThanTheCrowd(t *testing.T) {
	s := &Capacity{People: People{Participants: 500, Sockets: 100, Batch: 1000}, Work: "heartbeats"}
	if n := s.size(); n != 400 {
		t.Errorf("%d heartbeats in a request; want 400", n)
	}
	s.Work = "queries"
	if n := s.size(); n != 500 {
		t.Errorf("%d ids in a request; want 500", n)
	}
}
