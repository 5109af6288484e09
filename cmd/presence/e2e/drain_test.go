package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

func (s *server) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

func (s *server) awaitExit(t testing.TB, d time.Duration) int {
	t.Helper()
	select {
	case <-s.exited:
		return s.code
	case <-time.After(d):
		t.Fatalf("serve is still there after %v", d)
		return -1
	}
}

// TestDrain: SIGTERM tells every socket to reconnect, closes it with 1001 and
// ends with status 0.
func TestDrain(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, quickFlags()...)
			sockets := []*socket{
				s.as("ann").connect(t, "phone"), s.as("ann").connect(t, "laptop"),
				s.as("bob").connect(t, ""),
			}
			sockets[2].watch(t, "ann")
			sse := s.as("bob").events(t, "ids=ann")
			s.signal(t, sig)
			for _, w := range sockets {
				f := w.awaitType(t, "reconnect")
				if f.AfterMS < 0 || f.AfterMS > quickDeadline.Milliseconds()/2 {
					t.Errorf("reconnect after %d ms, want at most half a deadline", f.AfterMS)
				}
				w.wantClose(t, 1001)
			}
			sse.awaitEnd(t)
			if code := s.awaitExit(t, patience); code != 0 {
				t.Errorf("status %d after %s", code, name)
			}
			for _, state := range sockets[2].history("ann")[1:] {
				t.Errorf("a viewer was told %s while the node left", state)
			}
		})
	}
}

// TestSecondSignal: whoever asks twice will not wait for the sockets.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	s, err := launch(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := s.as("ann").connect(t, "phone")
	s.signal(t, syscall.SIGTERM)
	w.awaitType(t, "reconnect")
	begin := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	s.awaitExit(t, patience)
	if d, excuse := time.Since(begin), busy.since(begin); d > 5*time.Second+excuse {
		t.Errorf("a second signal took %v, want at most 5s, and %v because the machine was busy", d, excuse)
	}
	if strings.Contains(s.logs.String(), "DATA RACE") {
		t.Error(s.logs)
	}
}
