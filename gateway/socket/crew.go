package socket

import (
	"slices"
)

// maxFree is how many goroutines are kept: half a megabyte.
const maxFree = 64

// read begins a reader of c.
func (w *crew) read(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := len(w.free) - 1; last >= 0 {
		w.free[last] <- c // it has room for one
		w.free = w.free[:last]
		return
	}
	w.running.Go(func() { w.work(c) })
}

func (w *crew) work(c *conn) {
	next := make(chan *conn, 1)
	for c != nil {
		c.read()
		if !w.rest(next) {
			return
		}
		c = <-next // nil: closed
	}
}

// rest leaves a goroutine to the next reader, unless there are enough.
func (w *crew) rest(next chan *conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.free) >= maxFree {
		return false
	}
	w.free = append(w.free, next)
	return true
}

// close ends the goroutines once their connections have ended.
func (w *crew) close() {
	w.mu.Lock()
	w.closed = true
	for _, next := range slices.Backward(w.free) {
		close(next)
	}
	w.free = nil
	w.mu.Unlock()
	w.running.Wait()
}
