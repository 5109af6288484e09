package replica

import (
	"context"
	"testing"

	"github.com/scaiwave/presence/cluster/link"
)

// TestAcknowledgedWhenTaken: between the assignment of a backup and its answer nothing is
// acknowledged.
func TestAcknowledgedWhenTaken(t *testing.T) {
	mirrored(t, func(t *testing.T, m *Mirror, _ *world) {
		s := quiet(m)
		want := func(when string, yes bool) {
			t.Helper()
			if (fact(m) == Has) != yes || m.InMemoryAt(1, someBackup) != yes || m.InMemory(1) != yes {
				t.Errorf("%s: acknowledged is not %v", when, yes)
			}
		}
		m.Put(1, []byte("a"), nil)
		want("not assigned", false)
		m.Assign(1, someBackup)
		want("assigned", false)
		batch := m.load(s)
		want("on its way", false)
		m.note(s, batch, []byte{answerKept}, nil)
		want("taken", true)
		m.Refill([]int{1})
		want("to be filled again", false)
		batch = m.load(s)
		want("on its way again", false)
		m.note(s, batch, []byte{answerRefused}, nil)
		want("refused", false)
		m.again(s)
		s.move(m, answerKept)
		want("taken the second time", true)
		m.Put(1, []byte("b"), nil)
		want("changed", false)
		s.move(m, answerKept)
		want("told of the change", true)
		if m.InMemoryAt(1, link.Name{ID: "n2", Boot: "1"}) {
			t.Error("another node has it all")
		}
		m.Release(1)
		want("released", false)
		if m.InMemoryAt(1, link.Name{}) {
			t.Error("released, and in need of no backup")
		}
	})
}

// TestRefilledMeanwhile: the answer to what was sent before a refill says nothing of the refill.
func TestRefilledMeanwhile(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, s *stream) {
		batch := m.load(s)
		m.Refill([]int{1})
		if m.note(s, batch, []byte{answerKept}, nil); m.InMemory(1) {
			t.Error("in memory, while a fill is to come")
		}
		if s.move(m, answerKept); !m.InMemory(1) {
			t.Error("not in memory after the fill")
		}
	})
}

// TestNextBackupHasNothing: what the one before had on its disk doesn't count.
func TestNextBackupHasNothing(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, s *stream) {
		m.Put(1, []byte("a"), nil)
		s.move(m, answerKept)
		m.Release(1)
		m.Assign(1, someBackup)
		if s.move(m, answerGot); fact(m) != Refused {
			t.Error("acknowledged, while it is in the next one's memory only")
		}
	})
}

// TestReleasedIsNotWaitedFor: a write whose partition moves on before the backup has it is tried at
// the next owner at once, not when its time is nearly over.
func TestReleasedIsNotWaitedFor(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, _ *stream) {
		m.Put(1, []byte("a"), nil)
		w := m.begun(t.Context(), m.WaitFact)
		if !w.waits() {
			t.Error("it doesn't wait")
		}
		m.Release(1)
		m.Release(1) // before it has left
		w.want(t, "released", Missed)
	})
}

// TestNobodyToBackUp: a node that is left alone acknowledges, also what others were waited for.
func TestNobodyToBackUp(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, _ *stream) {
		m.Put(1, []byte("a"), nil)
		m.Release(1)
		m.Put(1, []byte("b"), nil)
		w := m.begun(t.Context(), m.WaitFact)
		if !w.waits() {
			t.Error("acknowledged, while it is nobody's")
		}
		m.Assign(1, link.Name{})
		w.want(t, "alone", Has)
		m.Put(1, []byte("c"), nil)
		if v := fact(m); v != Has {
			t.Errorf("verdict %d alone, want Has", v)
		}
	})
}

// TestBackupWithoutDisk: what it has in memory only is enough for a flip, and not for a fact.
func TestBackupWithoutDisk(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, s *stream) {
		m.Put(1, []byte("in the snapshot"), nil)
		s.move(m, answerGot)
		if v := flip(m); v != Has || !m.InMemoryAt(1, someBackup) {
			t.Errorf("verdict %d of a flip, want Has", v)
		}
		if v := fact(m); v != Refused {
			t.Errorf("verdict %d of a fact, want Refused", v)
		}
		m.Put(1, []byte("a"), nil)
		w := m.begun(t.Context(), m.WaitFact)
		s.move(m, answerGot)
		w.want(t, "a fact that waited", Refused)
		m.Put(1, []byte("b"), nil)
		s.move(m, answerKept)
		if v := fact(m); v != Has {
			t.Errorf("verdict %d with the disk back, want Has", v)
		}
	})
}

// TestFactSentAgain: a direct message that only the backup's memory has is sent again as it was,
// which makes no record. It is on the disk when that is back.
func TestFactSentAgain(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, s *stream) {
		m.Put(1, []byte("a"), nil)
		s.move(m, answerGot)
		if v := fact(m); v != Refused {
			t.Fatalf("verdict %d while it is in memory only, want Refused", v)
		}
		batch := m.load(s)
		if len(batch) != 1 {
			t.Fatalf("%d shipments after the refusal, want one", len(batch))
		}
		m.note(s, batch, []byte{answerKept}, nil)
		if v := fact(m); v != Has {
			t.Errorf("verdict %d with the disk back, want Has", v)
		}
	})
}

// TestFullOfFacts: one more than may wait is refused at once.
func TestFullOfFacts(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, s *stream) {
		ctx, cancel := context.WithCancel(t.Context())
		var waits []wait
		for range MaxFacts {
			waits = append(waits, m.begun(ctx, m.WaitFact))
		}
		if st := m.Stats(); st.Waiting != MaxFacts || st.Refused != 0 {
			t.Errorf("%+v while as many wait as may", st)
		}
		m.begun(t.Context(), m.WaitFact).want(t, "one more", Refused)
		cancel()
		for _, w := range waits {
			w.want(t, "given up", Missed)
		}
		if st := m.Stats(); st.Waiting != 0 || st.Refused != 1 || len(m.parts[1].waiters) != 0 {
			t.Errorf("%+v after all have left", st)
		}
	})
}

// TestFewFlipsWait: more joins than may wait for a silent backup are refused at once: the places
// that they would take are those of heartbeats and reads.
func TestFewFlipsWait(t *testing.T) {
	still(t, func(t *testing.T, m *Mirror, _ *stream) {
		m.Put(1, []byte("a"), nil)
		var waits []wait
		for range maxFlips {
			waits = append(waits, m.begun(t.Context(), m.WaitFlip))
		}
		m.begun(t.Context(), m.WaitFlip).want(t, "one more", Refused)
		m.Release(1)
		for _, w := range waits {
			w.want(t, "released", Missed)
		}
		if m.flips != 0 {
			t.Errorf("%d are counted as waiting", m.flips)
		}
	})
}
