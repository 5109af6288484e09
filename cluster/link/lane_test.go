package link

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// TestFullLaneHoldsNoOther fills the lane of writes with calls that wait, as for a backup that
// hangs.
func TestFullLaneHoldsNoOther(t *testing.T) {
	a, b := newSide(), newSide()
	release, waiting := make(chan struct{}), make(chan struct{}, maxCalls[LaneWrite])
	b.call = func(_ context.Context, r Request) {
		if Lane(r.Method) == LaneWrite {
			waiting <- struct{}{}
			<-release
		}
		r.Reply(nil)
	}
	home := local("b", b)
	p := pair(t, local("a", a), home)
	open(t, a)
	call := func(l Lane) error { return p.Call(t.Context(), Hot, byte(l), nil, func([]byte) error { return nil }) }
	var writes sync.WaitGroup
	for range maxCalls[LaneWrite] {
		writes.Go(func() {
			if err := call(LaneWrite); err != nil {
				t.Errorf("a write that had a place: %v", err)
			}
		})
	}
	for range maxCalls[LaneWrite] {
		<-waiting
	}
	if err := call(LaneWrite); !errors.Is(err, ErrBusy) {
		t.Errorf("one write more: %v, want ErrBusy", err)
	}
	if err := call(LaneQuick); err != nil {
		t.Errorf("a read beside %d writes that wait: %v", maxCalls[LaneWrite], err)
	}
	want := LaneFigures{Running: int64(maxCalls[LaneWrite]), Limit: maxCalls[LaneWrite], Refused: 1}
	if got := home.Stats.Lanes()["write"]; got != want {
		t.Errorf("figures %+v, want %+v", got, want)
	}
	close(release)
	writes.Wait()
}

// TestUnheard: an end that hears everything and isn't heard is as unhealthy as the other one.
func TestUnheard(t *testing.T) {
	a, b := newSide(), newSide()
	dialer := local("a", a)
	cut := &cutter{resume: make(chan struct{})}
	dialer.Dial = cut.dial
	p := pair(t, dialer, local("b", b))
	mend := sync.OnceFunc(func() {
		cut.on.Store(false)
		close(cut.resume)
	})
	t.Cleanup(mend) // or Close waits for a reader that hears nothing, of a test that was skipped
	open(t, a)
	var there *Conn
	for range classes {
		if c := <-b.opened; c.Class() == Hot {
			there = c
		}
	}
	cut.on.Store(true) // a hears nothing any more, b still hears a
	eventually(t, "unhealthy at the end that hears", func() bool { return !there.Healthy() })
	if there.missed(there.now()) > Silence {
		t.Skip("this machine stood still: b didn't hear a either")
	}
	mend()
	eventually(t, "healthy again", func() bool { return there.Healthy() && p.Healthy() })
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
