package link

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestWaitedTooLong: a call that came in time, and whose goroutine ran too late, is refused like
// one that the network held up. Bulk calls are not.
func TestWaitedTooLong(t *testing.T) {
	a, b := newSide(), newSide()
	run := make(chan Class, 1)
	b.call = func(_ context.Context, r Request) { run <- r.Conn.Class(); r.Reply(nil) }
	p := pair(t, local("a", a), local("b", b))
	open(t, a)
	for range classes {
		c := <-b.opened
		for name, due := range map[string]time.Duration{"in time": time.Hour, "too long": -time.Millisecond} {
			done := make(chan error, 1)
			there := p.Conn(c.Class())
			there.mu.Lock()
			there.lastID++
			id := there.lastID
			there.pending[id] = &pendingCall{take: func([]byte) error { return nil }, done: done}
			there.mu.Unlock()
			c.serve(Request{Conn: c, id: id, due: c.now() + due})
			err := <-done
			refused := err != nil && strings.Contains(err.Error(), errLate.Error())
			if late := due < 0 && c.Class() != Bulk; late != refused {
				t.Errorf("%v, waited %s: %v", c.Class(), name, err)
			}
			if len(run) > 0 != (err == nil) {
				t.Errorf("%v, waited %s: run %d times, and answered %v", c.Class(), name, len(run), err)
			}
			for len(run) > 0 {
				<-run
			}
		}
	}
}
