package scenario

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

func TestABatchOfMoreThanThereAreCountsWhatWasDone(t *testing.T) {
	r := bare(t)
	s := &Engine{Participants: 1000, Batch: 1500, Duration: 300 * time.Millisecond}
	if err := s.run(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	latencies, err := r.Records.Latencies()
	if err != nil {
		t.Fatal(err)
	}
	want := int64(0)
	for _, l := range latencies {
		size := int64(1500)
		if l.Name == "batch of heartbeats by handle" {
			size = 1000
		}
		want += size * l.Count
	}
	if got := r.Records.Counts().Achieved; got != want || want == 0 {
		t.Errorf("%d done; want %d", got, want)
	}
}

func TestWhatTheShardRefusesEndsTheRun(t *testing.T) {
	if err := done([]shard.Outcome{shard.Done, shard.Moved}); err == nil ||
		!strings.Contains(err.Error(), "number 1 of a batch of 2") {
		t.Errorf("%v; want what was refused", err)
	}
	h, err := host.New(host.Config{Partitions: 1, Settings: host.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	h.Start()
	defer h.Close()
	h.Drop(0) // it serves no partition now
	if err := arrive(t.Context(), h, make([]host.Handle, 1)); err == nil {
		t.Error("a participant arrived at a shard that serves no partition")
	}
}

func TestAnErrorEndsTheDrive(t *testing.T) {
	r, broke := bare(t), errors.New("broke")
	begun := time.Now()
	_, err := r.drive(t.Context(), "work", time.Minute, 10, 2, func(i int) error {
		if i == 3 {
			return broke
		}
		return nil
	})
	if !errors.Is(err, broke) || time.Since(begun) > 30*time.Second {
		t.Errorf("%v after %v; want the error at once", err, time.Since(begun))
	}
}

func TestFetchedStatesMustBeOnline(t *testing.T) {
	ids := []string{"a", "b"}
	if err := allOnline(ids, []shard.State{shard.Online, shard.Online}); err != nil {
		t.Error(err)
	}
	for _, s := range []shard.State{shard.Unknown, shard.Offline} {
		if err := allOnline(ids, []shard.State{shard.Online, s}); err == nil ||
			!strings.Contains(err.Error(), "b was fetched as "+s.String()) {
			t.Errorf("%v: %v; want who is not online", s, err)
		}
	}
}

func TestRoundsThatWereCompleteCount(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	measure := func(ctx context.Context, _ time.Duration) (effort, error) {
		if n++; n == 4 {
			cancel()
		}
		return effort{done: float64(n)}, ctx.Err()
	}
	all, err := inTurn(ctx, 5, time.Second, measure, measure)
	if err != nil || len(all[0]) != 2 || len(all[1]) != 1 {
		t.Errorf("%v, %v; want three measurements that were complete", all, err)
	}
	broke := errors.New("broke")
	if _, err := inTurn(t.Context(), 1, 0,
		func(context.Context, time.Duration) (effort, error) { return effort{}, broke }); !errors.Is(err, broke) {
		t.Errorf("%v; want the error", err)
	}
}
