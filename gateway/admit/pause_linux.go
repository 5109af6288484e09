package admit

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pauseEvery is for how long strangers have turn after turn until all others that are due have
// theirs.
const pauseEvery = time.Millisecond

// pause lets the others in. Go looks for what has come over the network when no goroutine is ready
// to run, and else every 10 ms, for 128 connections at a time. While turns go from one stranger to
// the next, one is always ready.
//
// So once a millisecond the one whose turn it is waits for an event that comes over the same way,
// and behind all that came before, and then for those that have been woken.
type pause struct {
	open  sync.Once
	last  atomic.Int64 // when the latest ended
	mu    sync.Mutex
	event *os.File
	raw   syscall.RawConn
}

// epoch is what times of pauses count from.
var epoch = time.Now()

// take is a pause, if it is time for one and nobody has it.
func (p *pause) take() {
	if time.Since(epoch)-time.Duration(p.last.Load()) < pauseEvery || !p.mu.TryLock() {
		return
	}
	defer p.mu.Unlock()
	p.open.Do(func() {
		if fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC); err == nil {
			p.event, p.raw, _ = Pollable(fd, "pause")
		}
	})
	if p.raw != nil {
		p.wait()
		runtime.Gosched()
	}
	p.last.Store(int64(time.Since(epoch)))
}

// wait makes the event, and waits until it has come.
func (p *pause) wait() {
	number, made := []byte{1, 0, 0, 0, 0, 0, 0, 0}, false
	_ = p.raw.Read(func(fd uintptr) bool {
		if !made {
			made = true
			_, err := unix.Write(int(fd), number)
			return err != nil
		}
		_, err := unix.Read(int(fd), number)
		return err != unix.EAGAIN && err != unix.EINTR
	})
}

// close ends all pauses.
func (p *pause) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open.Do(func() {})
	if p.event != nil {
		_ = p.event.Close()
	}
	p.event, p.raw = nil, nil
}
