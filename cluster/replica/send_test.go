package replica

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster/message"
)

// seen is what a backup has been sent.
func (b *backup) seen() (all []string) {
	for _, s := range b.taken {
		all = append(all, fmt.Sprintf("%d %d %s", s.Partition, s.Kind, s.Bytes))
	}
	return all
}

// TestFromOwnerToBackup: a new backup is filled, and then follows by records. Those that come
// during a call go together with the next one.
func TestFromOwnerToBackup(t *testing.T) {
	mirrored(t, func(t *testing.T, m *Mirror, w *world) {
		b := &backup{}
		w.partial = true
		w.call = func(ctx context.Context, payload []byte) ([]byte, error) {
			if len(b.taken) == 0 {
				m.Put(1, []byte("a"), nil)
				m.Put(1, []byte("b"), nil)
			}
			return b.answer(ctx, payload)
		}
		m.Assign(1, someBackup)
		if v := m.WaitFact(t.Context(), 1); v != Has {
			t.Fatalf("verdict %d of the fill, want Has", v)
		}
		m.Put(1, []byte("c"), nil)
		m.begun(t.Context(), m.WaitFact).want(t, "a record", Has)
		if got, want := fmt.Sprint(b.seen()), "[1 2 all 1 0 ab 1 0 c]"; got != want {
			t.Errorf("the backup has taken %s, want %s", got, want)
		}
		if got := fmt.Sprint(w.journal); got != "[a b c]" {
			t.Errorf("the journal has %s", got)
		}
		b.sick.Store(true)
		m.Put(1, []byte("d"), nil)
		m.begun(t.Context(), m.WaitFact).want(t, "a fact with its disk sick", Refused)
		m.begun(t.Context(), m.WaitFlip).want(t, "a flip with its disk sick", Has)
	})
}

// TestReleasedDuringSnapshot: what a snapshot shows of a partition that was released meanwhile is
// not sent.
func TestReleasedDuringSnapshot(t *testing.T) {
	mirrored(t, func(t *testing.T, m *Mirror, w *world) {
		s := quiet(m)
		w.snapshot = func(partition int) {
			if partition == 1 {
				m.Release(partition)
			}
		}
		m.Assign(1, someBackup)
		m.Assign(2, someBackup)
		if batch := m.load(s); len(batch) != 1 || batch[0].Partition != 2 {
			t.Errorf("%+v is sent", batch)
		}
	})
}

// TestTooMuchForRecords: beyond maxPending a snapshot replaces the records, and what comes then.
func TestTooMuchForRecords(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, s *stream) {
		s.move(m, answerKept)
		m.Put(1, make([]byte, maxPending), nil)
		if m.parts[1].fill {
			t.Error("filled for what is not too much")
		}
		m.Put(1, []byte("a"), nil)
		m.Put(1, []byte("b"), nil)
		batch := m.load(s)
		if len(batch) != 1 || batch[0].Kind != Whole || !bytes.Equal(batch[0].Bytes, []byte("all")) {
			t.Fatalf("%d shipments, not a snapshot", len(batch))
		}
		m.note(s, batch, []byte{answerKept}, nil)
		if v := fact(m); v != Has {
			t.Errorf("verdict %d, want Has", v)
		}
	})
}

// TestBatchIsBounded: more than fits into a call goes with the next one.
func TestBatchIsBounded(t *testing.T) {
	mirrored(t, func(t *testing.T, m *Mirror, _ *world) {
		s := quiet(m)
		for p := range 4 {
			m.Assign(p, someBackup)
		}
		m.note(s, m.load(s), []byte{answerKept, answerKept, answerKept, answerKept}, nil)
		for p := range 4 {
			m.Put(p, make([]byte, message.MaxBatch/2), nil)
		}
		for _, want := range []int{2, 2, 0} {
			if got := len(m.load(s)); got != want {
				t.Errorf("%d shipments in a call, want %d", got, want)
			}
		}
	})
}

// TestNothingToShip: of what is gone again nothing is sent, and nobody waits for it. What the disk of
// the backup lacked before, it still lacks.
func TestNothingToShip(t *testing.T) {
	mirrored(t, func(t *testing.T, m *Mirror, w *world) {
		b := &backup{}
		w.call = b.answer
		m.Assign(1, someBackup)
		m.begun(t.Context(), m.WaitFact).want(t, "the fill", Has)
		for _, records := range []string{"", "a", ""} {
			m.Put(1, []byte(records), nil)
			m.begun(t.Context(), m.WaitFact).want(t, "records "+records, Has)
		}
		b.sick.Store(true)
		m.Put(1, []byte("b"), nil)
		m.begun(t.Context(), m.WaitFlip).want(t, "a flip with its disk sick", Has)
		m.Put(1, nil, nil)
		m.begun(t.Context(), m.WaitFact).want(t, "nothing with its disk sick", Refused)
		// It is filled anew after that, and may have been already.
		if got, want := fmt.Sprint(b.seen()), "[1 1 all 1 0 a 1 0 b"; !strings.HasPrefix(got, want) {
			t.Errorf("the backup has taken %s, want %s", got, want)
		}
	})
}

// TestNothingToShipBehindARecord: what isn't sent says nothing of a record that waits to be sent in
// the same call, as it came while a snapshot for that was made.
func TestNothingToShipBehindARecord(t *testing.T) {
	mirrored(t, func(t *testing.T, m *Mirror, w *world) {
		s := quiet(m)
		m.Assign(1, someBackup)
		s.move(m, answerKept)
		m.Put(1, []byte("a"), nil)
		fact := m.begun(t.Context(), m.WaitFact)
		w.snapshot = func(int) { m.Put(1, nil, nil) }
		m.Assign(2, someBackup)
		batch := m.load(s)
		if !fact.waits() {
			t.Fatal("a record is acknowledged before it is sent")
		}
		later := m.begun(t.Context(), m.WaitFact)
		m.note(s, batch, []byte{answerKept, answerKept}, nil)
		fact.want(t, "the record", Has)
		later.want(t, "what wasn't sent", Has)
	})
}
