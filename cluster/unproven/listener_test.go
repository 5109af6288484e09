package unproven

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a listener, and the clients that dial it, in virtual time.
type world struct {
	t      *testing.T
	l      *Listener
	counts *Counts
	log    *bytes.Buffer
	from   *memnet.Host
}

func in(t *testing.T, limits Limits, f func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(1, memnet.Quality{})
		raw, err := n.Host("10.0.0.1").Listen(1)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, counts: &Counts{}, log: &bytes.Buffer{}, from: n.Host("10.0.0.2")}
		w.l = Listen(raw, limits, w.counts, slog.New(slog.NewTextHandler(w.log, nil)))
		defer w.l.Close()
		f(w)
	})
}

// open makes a connection; both ends are closed with the test.
func (w *world) open() (ours *Conn, theirs net.Conn) {
	w.t.Helper()
	theirs, err := w.from.Dial(w.t.Context(), "memory", "10.0.0.1:1")
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := w.l.Accept()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _, _ = c.Close(), theirs.Close() })
	return c.(*Conn), theirs
}

// isOpen reports whether what one end writes arrives.
func isOpen(ours *Conn, theirs net.Conn) bool {
	if _, err := theirs.Write([]byte("x")); err != nil {
		return false
	}
	n, err := ours.Read(make([]byte, 1))
	return n == 1 && err == nil
}

func (w *world) want(open, closed int64, says string) {
	w.t.Helper()
	synctest.Wait() // a timer's work is done
	if o, c := w.counts.Open.Load(), w.counts.Closed.Load(); o != open || c != closed {
		w.t.Errorf("%d are open and %d were closed, want %d and %d", o, c, open, closed)
	}
	if !strings.Contains(w.log.String(), says) {
		w.t.Errorf("logged %q, want %q", w.log, says)
	}
}

// TestOldestGoes: a stranger that holds connections open keeps no node out. Proven ones stay.
func TestOldestGoes(t *testing.T) {
	in(t, Limits{Conns: 2, Time: time.Hour, Bytes: 100}, func(w *world) {
		node, nodeEnd := w.open()
		node.Prove()
		first, firstEnd := w.open()
		second, secondEnd := w.open()
		w.want(2, 0, "")
		third, thirdEnd := w.open()
		w.want(2, 1, "too many connections")
		if isOpen(first, firstEnd) || !isOpen(second, secondEnd) || !isOpen(third, thirdEnd) || !isOpen(node, nodeEnd) {
			t.Error("not the first was closed, or more than that")
		}
		_ = second.Close()
		_ = second.Close()
		w.want(1, 1, "")
		w.open()
		w.want(2, 1, "")
	})
}

func TestSlowIsClosed(t *testing.T) {
	in(t, Limits{Conns: 9, Time: 5 * time.Second, Bytes: 100}, func(w *world) {
		slow, slowEnd := w.open()
		node, nodeEnd := w.open()
		time.Sleep(5*time.Second - 1)
		node.Prove()
		if !isOpen(slow, slowEnd) {
			t.Error("closed too soon")
		}
		time.Sleep(time.Hour)
		w.want(0, 1, "too slow")
		if isOpen(slow, slowEnd) || !isOpen(node, nodeEnd) {
			t.Error("the slow one is open, or the other one isn't")
		}
		slow.Prove()
		w.want(0, 1, "")
	})
}

func TestTooMuchIsClosed(t *testing.T) {
	in(t, Limits{Conns: 9, Time: time.Hour, Bytes: 100}, func(w *world) {
		loud, loudEnd := w.open()
		node, nodeEnd := w.open()
		node.Prove()
		for _, c := range []net.Conn{loudEnd, nodeEnd} {
			if _, err := c.Write(make([]byte, 101)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.ReadFull(loud, make([]byte, 101)); !errors.Is(err, ErrTooMuch) {
			t.Errorf("too much: %v", err)
		}
		if _, err := io.ReadFull(node, make([]byte, 101)); err != nil {
			t.Errorf("proven: %v", err)
		}
		w.want(0, 1, "too many bytes")
	})
}
