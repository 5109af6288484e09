package cluster

import (
	"context"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/link"
)

// quietStream is a stream that only moves when the test says so.
func quietStream(r *replica, target link.Name) *stream {
	s := &stream{target: target, wake: make(chan struct{}, 1), stop: func() {}}
	r.streams[target] = s
	return s
}

func acknowledged(t *testing.T, r *replica, partition int) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	return r.waitFact(ctx, partition) == has
}

var someBackup = link.Name{ID: "n1", Boot: "1"}

// TestAcknowledgedWhenTaken: between the assignment of a backup and its answer nothing is acknowledged.
func TestAcknowledgedWhenTaken(t *testing.T) {
	n := stillNode(t)
	r := n.replica
	s := quietStream(r, someBackup)
	want := func(when string, yes bool) {
		t.Helper()
		if acknowledged(t, r, 1) != yes || r.settled(1, someBackup) != yes {
			t.Errorf("%s: acknowledged is not %v", when, yes)
		}
	}
	r.Put(1, []byte("a"))
	want("not assigned", false)
	r.assign(1, someBackup)
	want("assigned", false)
	batch := r.load(s)
	want("on its way", false)
	r.note(s, batch, []byte{1}, nil)
	want("taken", true)
	r.refill([]int{1})
	want("to be filled again", false)
	batch = r.load(s)
	want("on its way again", false)
	r.note(s, batch, []byte{0}, nil)
	want("refused", false)
	r.again(s)
	r.note(s, r.load(s), []byte{1}, nil)
	want("taken the second time", true)
	r.Put(1, []byte("b"))
	want("changed", false)
	r.note(s, r.load(s), []byte{1}, nil)
	want("told of the change", true)
	r.release(1)
	want("released", false)
	if r.settled(1, link.Name{}) {
		t.Error("released, and settled")
	}
}

// TestReleasedIsNotWaitedFor: a write whose partition moves on before the backup has it is tried at the next owner at once, not when its
// time is nearly over.
func TestReleasedIsNotWaitedFor(t *testing.T) {
	r := stillNode(t).replica
	quietStream(r, someBackup)
	r.assign(1, someBackup)
	r.Put(1, []byte("a"))
	ended := make(chan verdict)
	go func() { ended <- r.waitFact(t.Context(), 1) }()
	await(t, "somebody waits", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.parts[1].waiters) == 1
	})
	r.release(1)
	select {
	case v := <-ended:
		if v != missed {
			t.Errorf("verdict %d, want missed", v)
		}
	case <-time.After(patience):
		t.Fatal("waited for in vain")
	}
}

// TestBackupThatFlapped: one that was out of sight for a moment is filled.
func TestBackupThatFlapped(t *testing.T) {
	n := stillNode(t)
	r := n.replica
	s := quietStream(r, someBackup)
	r.assign(1, someBackup)
	r.note(s, r.load(s), []byte{1}, nil)
	r.keep(n.view.Load()) // which has nobody but this node
	s = quietStream(r, someBackup)
	delete(r.streams, someBackup)
	r.assign(1, someBackup)
	if r.settled(1, someBackup) {
		t.Error("settled, while nothing was sent since")
	}
	if r.streams[someBackup] == nil {
		t.Error("there is no stream to it")
	}
	r.release(1)
	r.keep(n.view.Load())
	next := quietStream(r, someBackup)
	r.assign(1, someBackup)
	r.load(next)
	if r.note(s, []shipment{{partition: 1, kind: shipWhole}}, []byte{1}, nil); r.settled(1, someBackup) {
		t.Error("settled by the answer to what was sent before")
	}
}

// TestNobodyToBackUp: who is left alone acknowledges, also what others were waited for.
func TestNobodyToBackUp(t *testing.T) {
	n := stillNode(t)
	r := n.replica
	quietStream(r, someBackup)
	r.assign(1, someBackup)
	r.Put(1, []byte("a"))
	r.release(1)
	r.Put(1, []byte("b"))
	waiting := make(chan verdict)
	go func() { waiting <- r.waitFact(t.Context(), 1) }()
	await(t, "somebody waits", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.parts[1].waiters) == 1
	})
	select {
	case <-waiting:
		t.Fatal("acknowledged, while it is nobody's")
	case <-time.After(20 * time.Millisecond):
	}
	r.assign(1, link.Name{})
	if <-waiting != has || !acknowledged(t, r, 1) {
		t.Error("not acknowledged")
	}
	r.Put(1, []byte("c"))
	if !acknowledged(t, r, 1) {
		t.Error("not acknowledged at once")
	}
}

// TestSlowBackup: nobody waits for one that answers pulses and no calls, until it answers one.
func TestSlowBackup(t *testing.T) {
	r := stillNode(t).replica
	s := quietStream(r, someBackup)
	r.assign(1, someBackup)
	r.note(s, r.load(s), []byte{replicaKept}, nil)
	r.Put(1, []byte("a"))
	batch := r.load(s)
	verdicts := make(chan verdict)
	go func() { verdicts <- r.waitFact(t.Context(), 1) }()
	go func() { verdicts <- r.waitFlip(t.Context(), 1) }()
	await(t, "both wait", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.parts[1].waiters) == 2
	})
	r.begin(s, 7)
	sentAgain := 0
	again := func() { sentAgain++ }
	r.slowed(s, 7, false, again)
	if r.slowed(s, 7, true, again); r.waitingFacts() != 1 {
		t.Error("a silent backup, of which another one may come soon, was given up")
	}
	if sentAgain != 1 {
		t.Errorf("sent again %d times, want once: what went out on the silent connection", sentAgain)
	}
	if r.giveUp(s, 6); r.waitingFacts() != 1 {
		t.Error("given up for a call that was answered")
	}
	r.giveUp(s, 7)
	for range 2 {
		if v := <-verdicts; v != refused {
			t.Errorf("verdict %d of who waited, want refused", v)
		}
	}
	if v := r.waitFact(t.Context(), 1); v != refused || r.turned.Load() != 2 {
		t.Errorf("verdict %d of who came later, want refused; %d were counted", v, r.turned.Load())
	}
	r.note(s, batch, []byte{replicaKept}, nil)
	if v := r.waitFact(t.Context(), 1); v != has {
		t.Errorf("verdict %d after an answer, want has", v)
	}
}

// TestBackupWithoutDisk: what it has in memory only is enough for a flip, and not for a fact.
func TestBackupWithoutDisk(t *testing.T) {
	r := stillNode(t).replica
	s := quietStream(r, someBackup)
	r.assign(1, someBackup)
	r.Put(1, []byte("in the snapshot"))
	r.note(s, r.load(s), []byte{replicaGot}, nil)
	if v := r.waitFlip(t.Context(), 1); v != has || !r.settled(1, someBackup) {
		t.Errorf("verdict %d of a flip, want has", v)
	}
	if v := r.waitFact(t.Context(), 1); v != refused {
		t.Errorf("verdict %d of a fact, want refused", v)
	}
	r.Put(1, []byte("a"))
	verdicts := make(chan verdict)
	go func() { verdicts <- r.waitFact(t.Context(), 1) }()
	await(t, "it waits", func() bool { return r.waitingFacts() == 1 })
	r.note(s, r.load(s), []byte{replicaGot}, nil)
	if v := <-verdicts; v != refused {
		t.Errorf("verdict %d of a fact that waited, want refused", v)
	}
	r.Put(1, []byte("b"))
	r.note(s, r.load(s), []byte{replicaKept}, nil)
	if v := r.waitFact(t.Context(), 1); v != has {
		t.Errorf("verdict %d with the disk back, want has", v)
	}
}

// TestFullOfFacts: one more than may wait is refused at once.
func TestFullOfFacts(t *testing.T) {
	r := stillNode(t).replica
	s := quietStream(r, someBackup)
	r.assign(1, someBackup)
	ctx, cancel := context.WithCancel(t.Context())
	verdicts := make(chan verdict)
	for range maxWaiting {
		go func() { verdicts <- r.waitFact(ctx, 1) }()
	}
	await(t, "all wait", func() bool { return r.waitingFacts() == maxWaiting })
	if v := r.waitFact(t.Context(), 1); v != refused {
		t.Errorf("verdict %d of one more, want refused", v)
	}
	cancel()
	for range maxWaiting {
		if v := <-verdicts; v != missed {
			t.Fatalf("verdict %d, want missed", v)
		}
	}
	if s.waiting != 0 {
		t.Errorf("%d are counted as waiting", s.waiting)
	}
}
