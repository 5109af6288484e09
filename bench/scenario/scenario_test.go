package scenario

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// lists are the contact lists of a crowd, and on how many of them each participant is.
func lists(t *testing.T, seed uint64, zipf float64) (all [][]int, popularity []int) {
	t.Helper()
	s := &Fanout{Viewers: 500, Contacts: 20, Zipf: zipf}
	random := rand.New(rand.NewPCG(seed, 0))
	popular := rand.NewZipf(random, zipf, 1, uint64(s.Viewers-1))
	popularity = make([]int, s.Viewers)
	for i := range s.Viewers {
		list := s.contacts(i, random, popular)
		for _, n := range list {
			popularity[n]++
		}
		all = append(all, list)
	}
	return all, popularity
}

func TestContactLists(t *testing.T) {
	all, popularity := lists(t, 1, 1.2)
	for i, list := range all {
		sorted := slices.Sorted(slices.Values(list))
		if len(list) != 20 || len(slices.Compact(sorted)) != 20 || slices.Contains(list, i) {
			t.Fatalf("list of %d: %v; want 20 others", i, list)
		}
	}
	if popularity[0] < 10*popularity[400] {
		t.Errorf("%d watch the most popular, %d another; want a tail", popularity[0], popularity[400])
	}
	if again, _ := lists(t, 1, 1.2); !slices.EqualFunc(all, again, slices.Equal) {
		t.Error("the same seed gave other lists")
	}
	if other, _ := lists(t, 2, 1.2); slices.EqualFunc(all, other, slices.Equal) {
		t.Error("another seed gave the same lists")
	}
}

// level is a run in which a hundred requests of a batch were due. Some failed, and the others took
// the same time.
func level(t *testing.T, failed int, took time.Duration) string {
	t.Helper()
	s := &Capacity{People: People{Batch: 10}, P99: 100 * time.Millisecond, Errors: 1}
	r := &Run{Records: load.NewRecorder(), Meter: target.NewMeter(time.Now()), measured: time.Second, cores: 1}
	defer r.Meter.Close()
	r.Records.Begin()
	due := time.Now()
	for i := range 100 {
		r.Records.Offered(due, 10)
		if i < failed {
			r.Records.Done(raised, due, 10, errors.New("x"))
		} else {
			r.Records.Took(raised, due, took)
		}
	}
	return s.broken(r)
}

func TestWhatBroke(t *testing.T) {
	for _, c := range []struct {
		failed int
		took   time.Duration
		want   string
	}{
		{0, 90 * time.Millisecond, ""},
		{1, 90 * time.Millisecond, ""},
		{2, 90 * time.Millisecond, "2 of 100 requests failed"},
		{0, 110 * time.Millisecond, "answered within 110ms, not 100ms"},
	} {
		got := level(t, c.failed, c.took)
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%d failed, %v: %q; want %q", c.failed, c.took, got, c.want)
		}
	}
}
