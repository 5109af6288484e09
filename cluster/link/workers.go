package link

import (
	"sync"
	"sync/atomic"
)

// maxIdle is how many goroutines of a connection wait for its next call. Their stacks have grown. A
// fresh goroutine grows its own anew, which is most of what a question of one id costs the owner.
const maxIdle = 4

// workers are the goroutines that run the calls of a connection.
type workers struct {
	next chan *job // without a buffer: only a worker that waits takes a call
	idle atomic.Int32
	all  sync.WaitGroup
}

// job is a call that has a place in its lane.
type job struct {
	Request
	lane Lane
}

// jobs keep the memory of payloads.
var jobs = sync.Pool{New: func() any { return new(job) }}

func newWorkers() workers { return workers{next: make(chan *job)} }

// start runs a call on a worker that waits, or else on a new one.
func (w *workers) start(c *Conn, j *job) {
	select {
	case w.next <- j:
	default:
		w.all.Go(func() { w.work(c, j) })
	}
}

// work runs one call after the other, until enough workers wait.
func (w *workers) work(c *Conn, j *job) {
	for open := true; open; {
		c.carryOut(j)
		if w.idle.Add(1) > maxIdle {
			w.idle.Add(-1)
			return
		}
		j, open = <-w.next
		w.idle.Add(-1)
	}
}

// carryOut runs a call.
func (c *Conn) carryOut(j *job) {
	if !j.failLate() { // its worker may have waited for a processor
		c.handler.Call(c.ctx, j.Request)
	}
	c.places.give(j.lane)
	c.stats.lanes[j.lane].running.Add(-1)
	j.free()
}

// end waits for the calls that run. No other may be started.
func (w *workers) end() {
	close(w.next)
	w.all.Wait()
}

// free gives the memory of a call to the next one, unless it is large.
func (j *job) free() {
	if cap(j.Payload) > kept {
		return
	}
	j.Request = Request{Payload: j.Payload[:0]}
	jobs.Put(j)
}
