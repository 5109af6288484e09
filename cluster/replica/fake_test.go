package replica

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var someBackup = link.Name{ID: "n1", Boot: "1"}

// world is all that a mirror knows of: a host, a journal and peers, which do what a test says. It
// is for virtual time.
type world struct {
	pulses   atomic.Bool // peers answer them
	gossips  bool        // peers answer gossip
	partial  bool        // something was lost in all partitions
	call     func(ctx context.Context, payload []byte) (reply []byte, err error)
	snapshot func(partition int) // called in each
	journal  []string
}

func (w *world) Call(
	ctx context.Context, _ link.Name, _ link.Class, _ byte, payload []byte, read func([]byte) error,
) error {
	if w.call == nil {
		return errors.New("nobody is there")
	}
	reply, err := w.call(ctx, payload)
	if err != nil {
		return err
	}
	return read(reply)
}

func (w *world) Answers(link.Name, link.Class) bool { return w.pulses.Load() }

func (w *world) IsCutOff(link.Name) bool { return w.gossips && !w.pulses.Load() }

func (w *world) Records(_ int, records, _ []byte) { w.journal = append(w.journal, string(records)) }

func (w *world) Snapshot(partition int) (snapshot []byte, whole bool) {
	if w.snapshot != nil {
		w.snapshot(partition)
	}
	return []byte("all"), !w.partial
}

// mirrored runs a test in virtual time, with a mirror in a world of its own.
func mirrored(t *testing.T, test func(t *testing.T, m *Mirror, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		m := NewMirror(4, w)
		m.Bind(w, w)
		defer m.Close()
		test(t, m, w)
	})
}

// still is mirrored with a backup of partition 1 whose stream moves only when the test says so.
func still(t *testing.T, test func(t *testing.T, m *Mirror, s *stream)) {
	t.Helper()
	mirrored(t, func(t *testing.T, m *Mirror, _ *world) {
		s := quiet(m)
		m.Assign(1, someBackup)
		test(t, m, s)
	})
}

func quiet(m *Mirror) *stream {
	s := &stream{target: someBackup, wake: make(chan struct{}, 1), stop: func() {}}
	m.streams[someBackup] = s
	return s
}

// move sends what is on a stream's list, and has it be answered so.
func (s *stream) move(m *Mirror, answer byte) { m.note(s, m.load(s), []byte{answer}, nil) }

// wait is WaitFact or WaitFlip on a goroutine of its own.
type wait struct{ verdict chan Verdict }

func (m *Mirror) begun(ctx context.Context, f func(context.Context, int) Verdict) wait {
	w := wait{make(chan Verdict, 1)}
	go func() { w.verdict <- f(ctx, 1) }()
	synctest.Wait()
	return w
}

func (w wait) waits() bool {
	synctest.Wait()
	return len(w.verdict) == 0
}

// want checks the verdict, which must be there by now.
func (w wait) want(t *testing.T, what string, v Verdict) {
	t.Helper()
	if w.waits() {
		t.Fatalf("%s: it waits", what)
	}
	if got := <-w.verdict; got != v {
		t.Errorf("%s: verdict %d, want %d", what, got, v)
	}
}

// fact and flip are the verdicts of those that don't wait.
func fact(m *Mirror) Verdict { return m.WaitFact(ended(), 1) }

func flip(m *Mirror) Verdict { return m.WaitFlip(ended(), 1) }

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// backup is the other end of a mirror's calls: a receiver and its copies.
type backup struct {
	refuses, sick atomic.Bool // sick: its disk
	number        uint64
	taken         []Shipment
}

func (b *backup) TakeReplica(_ link.Name, number uint64, s Shipment) bool {
	if b.refuses.Load() || number <= b.number && len(b.taken) > 0 {
		return false
	}
	s.Bytes = append([]byte(nil), s.Bytes...)
	b.number, b.taken = number, append(b.taken, s)
	return true
}

func (b *backup) Sync(context.Context) error {
	if b.sick.Load() {
		return errors.New("sick")
	}
	return nil
}

func (b *backup) answer(ctx context.Context, payload []byte) ([]byte, error) {
	return NewReceiver(4, b, b).Take(ctx, someBackup, message.NewReader(payload))
}
