package socket

import "runtime"

const (
	flushChunk  = 64   // sockets that a flusher writes to before others may run: some 0.4 ms
	flusherEach = 512  // sockets that wait before another flusher is started
	keptMarks   = 1024 // places that the queue keeps while it is empty
)

func (f *flushers) init() { f.most = runtime.GOMAXPROCS(0) }

// push queues a socket that was marked, and starts a flusher if there are too few.
func (f *flushers) push(c *conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || c.out.queued {
		return
	}
	c.out.queued = true
	f.marked = append(f.marked, c)
	if f.running < f.most && len(f.marked)-f.taken > f.running*flusherEach {
		f.running++
		f.ends.Add(1)
		go f.run()
	}
}

// run is a flusher. It ends when nothing waits, so an idle server has none.
func (f *flushers) run() {
	defer f.ends.Done()
	var chunk [flushChunk]*conn
	for n := f.take(chunk[:]); n > 0; n = f.take(chunk[:]) {
		for _, c := range chunk[:n] {
			c.flush()
		}
		runtime.Gosched()
	}
}

// take takes the sockets that wait longest. The flusher that gets none ends.
func (f *flushers) take(chunk []*conn) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := copy(chunk, f.marked[f.taken:])
	if n == 0 {
		f.running--
		return 0
	}
	for _, c := range chunk[:n] {
		c.out.queued = false
	}
	clear(f.marked[f.taken : f.taken+n])
	f.taken += n
	f.tidy()
	return n
}

// tidy makes room at the front of the queue; each place is moved once at most for each that was
// taken.
func (f *flushers) tidy() {
	if 2*f.taken < len(f.marked) {
		return
	}
	left := copy(f.marked, f.marked[f.taken:])
	clear(f.marked[left:])
	f.marked, f.taken = f.marked[:left], 0
	if left == 0 && cap(f.marked) > keptMarks {
		f.marked = nil
	}
}

// close waits for the flushers, and starts none any more. Nothing is lost: every socket has ended.
func (f *flushers) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.ends.Wait()
}
