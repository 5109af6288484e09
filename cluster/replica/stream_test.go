package replica

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/link"
)

// TestBackupThatFlapped: one that was out of sight for a moment is filled.
func TestBackupThatFlapped(t *testing.T) {
	nobody := func(link.Name) bool { return false }
	still(t, func(t *testing.T, m *Mirror, s *stream) {
		s.move(m, answerKept)
		m.Prune(nobody)
		if m.Assign(1, someBackup); m.InMemoryAt(1, someBackup) {
			t.Error("in memory, while nothing was sent since")
		}
		if m.streams[someBackup] == nil {
			t.Error("there is no stream to it")
		}
		m.Release(1)
		m.Prune(nobody)
		next := quiet(m)
		m.Assign(1, someBackup)
		m.load(next)
		if m.note(s, []Shipment{{Partition: 1, Kind: Whole}}, []byte{answerKept}, nil); m.InMemoryAt(1, someBackup) {
			t.Error("in memory by the answer to what was sent before")
		}
	})
}

// TestSlowBackup: nobody waits for one that answers pulses and no calls, until it answers one.
func TestSlowBackup(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, s *stream) {
		s.move(m, answerKept)
		m.Put(1, []byte("a"), nil)
		batch := m.load(s)
		f, j := m.begun(t.Context(), m.WaitFact), m.begun(t.Context(), m.WaitFlip)
		m.begin(s, 7)
		sentAgain := 0
		again := func() { sentAgain++ }
		m.slowed(s, 7, false, again)
		if m.slowed(s, 7, true, again); !f.waits() || !j.waits() {
			t.Error("a silent backup, of which another one may come soon, was given up")
		}
		if sentAgain != 1 {
			t.Errorf("sent again %d times, want once: what went out on the silent connection", sentAgain)
		}
		if m.giveUp(s, 6); !f.waits() {
			t.Error("given up for a call that was answered")
		}
		m.giveUp(s, 7)
		f.want(t, "a fact that waited", Refused)
		j.want(t, "a flip that waited", Refused)
		if v := fact(m); v != Refused || m.Stats().Refused != 2 {
			t.Errorf("verdict %d of a later fact, want Refused; %d were counted", v, m.Stats().Refused)
		}
		m.note(s, batch, []byte{answerKept}, nil)
		if v := fact(m); v != Has {
			t.Errorf("verdict %d after an answer, want Has", v)
		}
		m.Put(1, []byte("b"), nil)
		if !m.begun(t.Context(), m.WaitFact).waits() {
			t.Error("after an answer nobody waits for it")
		}
		m.Release(1)
	})
}

// hangs is a call that is never answered.
func hangs(ctx context.Context, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestHope: a fact waits for a silent backup, is refused after a moment by a slow one, and at once
// when a call has shown that it is cut off.
func TestHope(t *testing.T) {
	const long = 4500 * time.Millisecond
	for name, tc := range map[string]struct {
		pulses, gossips bool
		call            func(context.Context, []byte) ([]byte, error)
		want            Verdict
		after           time.Duration
	}{
		"silent":  {false, false, hangs, Missed, long},
		"slow":    {true, true, hangs, Refused, slowAfter},
		"cut off": {false, true, nil, Refused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			mirrored(t, func(t *testing.T, m *Mirror, w *world) {
				w.gossips, w.call = tc.gossips, tc.call
				w.pulses.Store(tc.pulses)
				m.Assign(1, someBackup)
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), long)
				defer cancel()
				if v, took := m.WaitFact(ctx, 1), time.Since(begun); v != tc.want || took != tc.after {
					t.Errorf("verdict %d after %v, want %d after %v", v, took, tc.want, tc.after)
				}
			})
		})
	}
}

// TestSentAnotherWay: what went out on a connection that has fallen silent is sent again, before
// its time is up.
func TestSentAnotherWay(t *testing.T) {
	mirrored(t, func(t *testing.T, m *Mirror, w *world) {
		w.pulses.Store(true)
		b := &backup{}
		w.call = func(ctx context.Context, payload []byte) ([]byte, error) {
			if w.pulses.Swap(false) {
				return hangs(ctx, payload)
			}
			return b.answer(ctx, payload)
		}
		begun := time.Now()
		m.Assign(1, someBackup)
		if v, took := m.WaitFact(t.Context(), 1), time.Since(begun); v != Has || took != slowAfter+firstRetry {
			t.Errorf("verdict %d after %v", v, took)
		}
	})
}

// TestRetries: what was refused, and what failed, is sent again as a whole, more and more seldom,
// and counted.
func TestRetries(t *testing.T) {
	mirrored(t, func(t *testing.T, m *Mirror, w *world) {
		b := &backup{}
		b.refuses.Store(true)
		var calls atomic.Int64
		w.call = func(ctx context.Context, payload []byte) ([]byte, error) {
			if calls.Add(1) == 1 {
				return nil, errors.New("not now")
			}
			return b.answer(ctx, payload)
		}
		m.Assign(1, someBackup)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		// After 0, 20, 60, 140, 300 and 620 ms, and then each 500 ms.
		if n := calls.Load(); n != 24 || m.Stats().Failures != n {
			t.Errorf("%d calls within 10 s, %d of them failed", n, m.Stats().Failures)
		}
		b.refuses.Store(false)
		time.Sleep(lastRetry)
		synctest.Wait()
		if len(b.taken) != 1 || b.taken[0].Kind != Whole || !m.InMemory(1) {
			t.Errorf("the backup has %+v", b.taken)
		}
	})
}
