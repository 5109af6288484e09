package link

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestWorkersAreKept: of many workers a few wait for the next call, and run it.
func TestWorkersAreKept(t *testing.T) {
	a, b := newSide(), newSide()
	const many = 3 * maxIdle
	var all sync.WaitGroup
	all.Add(many)
	b.call = func(_ context.Context, r Request) {
		all.Done()
		all.Wait() // all run at once
		r.Reply(nil)
	}
	p := pair(t, local("a", a), local("b", b))
	open(t, a)
	call := func() {
		if _, err := echo(t.Context(), p, Hot, ""); err != nil {
			t.Error(err)
		}
	}
	var there *Conn
	for there == nil || there.Class() != Hot {
		there = <-b.opened
	}
	var calls sync.WaitGroup
	for range many {
		calls.Go(call)
	}
	calls.Wait()
	waiting := func(n int32) func() bool { return func() bool { return there.workers.idle.Load() == n } }
	eventually(t, "as many wait as may", waiting(maxIdle))
	running, release := make(chan struct{}), make(chan struct{})
	b.call = func(_ context.Context, r Request) { close(running); <-release; r.Reply(nil) }
	calls.Go(call)
	<-running
	eventually(t, "one that waited runs the next call", waiting(maxIdle-1))
	close(release)
	calls.Wait()
}

// TestPayloadsAreTheirOwn: the memory of a payload belongs to one call at a time.
func TestPayloadsAreTheirOwn(t *testing.T) {
	a, b := newSide(), newSide()
	p := pair(t, local("a", a), local("b", b))
	open(t, a)
	var calls sync.WaitGroup
	for i := range 4 * maxIdle {
		calls.Go(func() {
			for j := range 200 {
				text := strings.Repeat(fmt.Sprintf("%d/%d ", i, j), 1+(i+j)%7)
				if got, err := echo(t.Context(), p, Hot, text); err != nil || got != text {
					t.Errorf("%q became %q, %v", text, got, err)
				}
			}
		})
	}
	calls.Wait()
}
