package socket

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
)

// bursting is how many changes are more than the kernel takes at once in these tests.
const bursting = 1000

// overKernel runs f on connections with little room in the kernel.
func overKernel(t *testing.T, f func(e *env)) {
	ways[len(ways)-1].run(t, func(c *Config) { c.SlowAfter, c.CloseTimeout = 5*time.Second, 20*time.Second }, f)
}

// The kernel takes a part of a frame. A pong, an answer and later changes come after the rest of
// it, and another reader gets its own at once.
func TestFrameInParts(t *testing.T) {
	overKernel(t, func(e *env) {
		slow, quick := e.watching(bursting), e.watching(bursting)
		start := time.Now()
		e.tell(bursting, shard.Online)
		quick.wantChanges(bursting, shard.Online)
		slow.write(masked(`{"type":"query","req":"q","ids":["other"]}`))
		synctest.Wait()
		for i := range 9 {
			s := []shard.State{shard.Idle, shard.Online}[i%2]
			e.tell(1, s)
			quick.wantChanges(1, s)
		}
		if time.Since(start) > 0 {
			t.Errorf("the quick reader waited for %v", time.Since(start))
		}
		slow.control(opPing)
		slow.wantChanges(bursting, shard.Online)
		pongs, answers := 0, 0
		for range 3 {
			switch op, b := slow.frame(); {
			case op == opPong:
				pongs++
			case strings.Contains(string(b), `"req":"q"`):
				answers++
			case string(b) != `{"type":"presence","states":{"id-0":"idle"}}` || answers == 0:
				t.Errorf("got %d, %q after %d answers", op, b, answers)
			}
		}
		if pongs != 1 || answers != 1 {
			t.Errorf("%d pongs, %d answers, want one each", pongs, answers)
		}
		e.tell(1, shard.Online)
		slow.wantChanges(1, shard.Online)
	})
}

// What the kernel took at once, and what a writer wrote later, is counted once.
func TestBytesOfAFrameInParts(t *testing.T) {
	overKernel(t, func(e *env) {
		c := e.watching(bursting)
		before := e.srv.Stats().Bytes
		e.tell(bursting, shard.Online)
		_, b := c.frame()
		synctest.Wait()
		if n, want := e.srv.Stats().Bytes-before, int64(4+len(b)); n != want { // its header says the length in 2 bytes
			t.Errorf("%d bytes were counted, %d written", n, want)
		}
	})
}

// After a write that had to wait, and so had a deadline, the next one is written without.
func TestDeadlineIsTakenBack(t *testing.T) {
	overKernel(t, func(e *env) {
		c := e.watching(bursting)
		e.tell(bursting, shard.Online)
		synctest.Wait()
		c.wantChanges(bursting, shard.Online)
		synctest.Wait()
		time.Sleep(20 * time.Second)
		e.tell(1, shard.Idle)
		c.wantChanges(1, shard.Idle)
		for nc := range e.srv.registry.conns {
			if at := nc.nc.Conn.(*pairConn).writeLimit.at; !at.IsZero() {
				t.Errorf("a deadline is left: %v", at)
			}
		}
	})
}

// Who doesn't read gets the rest of the frame, and then the reason, if it reads soon.
func TestRestOfFrameThen4005(t *testing.T) {
	overKernel(t, func(e *env) {
		c := e.watching(bursting)
		e.tell(bursting, shard.Online)
		time.Sleep(4 * time.Second)
		if n := e.closing(); n != 0 {
			t.Errorf("given up early")
		}
		time.Sleep(2 * time.Second)
		if n := e.closing(); n != 1 {
			t.Errorf("not given up after 6s")
		}
		c.wantChanges(bursting, shard.Online)
		if code := c.closed(); code != closeSlow {
			t.Errorf("closed with %d", code)
		}
	})
}

// Who never reads is cut off.
func TestFullKernelIsCutOff(t *testing.T) {
	overKernel(t, func(e *env) {
		start := time.Now()
		e.watching(bursting)
		e.tell(bursting, shard.Online)
		for e.srv.Count() > 0 {
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait() // it is counted a moment after it has left
		if d := time.Since(start); d < 25*time.Second || d > 26*time.Second {
			t.Errorf("cut off after %v, want 5s for the write and 20s for its close", d)
		}
		if n := e.srv.Stats().Closes["4005"]; n != 1 {
			t.Errorf("%d closed as slow, want 1", n)
		}
	})
}

// The kernel takes whole frames, but not all changes are in the first.
func TestManyChangesAtOnce(t *testing.T) {
	w := ways[len(ways)-1]
	w.pair = func(t testing.TB) (net.Conn, net.Conn) { return newPair(t, 1<<20) }
	w.run(t, nil, func(e *env) {
		c := e.watching(2500)
		e.tell(2500, shard.Online)
		c.wantChanges(2500, shard.Online)
	})
}

// The library may wait with a frame of its own. A flusher doesn't wait for the library. Nothing
// here is in virtual time, which stands still while a lock is waited for.
func TestFlusherPassesTheLibrary(t *testing.T) {
	e := newEnv(t, func(c *Config) { c.MessageRate, c.MessageBurst, c.SlowAfter = 1e9, 1e9, time.Hour })
	e.lis.pair = func() (net.Conn, net.Conn) { return newPair(t, 1) }
	defer e.close()
	slow := e.watching(1)
	var c *conn
	for _, c = range e.srv.registry.all() {
	}
	go func() {
		for range 10_000 { // until nothing more is taken: the server can't write its pongs
			slow.control(opPing)
		}
	}()
	for start := time.Now(); c.nc.mu.TryLock(); time.Sleep(time.Millisecond) {
		c.nc.mu.Unlock()
		if time.Since(start) > time.Minute {
			t.Fatal("the library doesn't wait")
		}
	}
	quick := e.watching(1)
	_ = quick.nc.SetReadDeadline(time.Now().Add(time.Minute))
	e.tell(1, shard.Online)
	quick.wantChanges(1, shard.Online)
}

// closing is how many connections are about to be closed as slow.
func (e *env) closing() (n int) {
	for c := range e.srv.registry.conns {
		if c.out.closing() == closeSlow {
			n++
		}
	}
	return n
}
