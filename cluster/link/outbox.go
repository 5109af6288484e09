package link

import (
	"encoding/binary"
	"sync"

	"github.com/scaiwave/presence/shard/wake"
)

// maxPacked is how large a push of packed items grows.
const maxPacked = 64 << 10

// kept is the size of a buffer that a connection keeps between messages, for reading and for
// writing.
const kept = 64 << 10

// outbox is the frames that wait to be written, as one message.
type outbox struct {
	limit int
	wake  wake.Signal // there is something to write

	mu     sync.Mutex
	bytes  []byte
	open   int // where the header of a packed frame that may still grow begins, or -1
	method byte
	used   bool // there are frames other than pulses
	closed bool
}

func newOutbox(limit int) *outbox {
	return &outbox{limit: limit, wake: wake.New(), open: -1}
}

// put appends a frame, whose payload is stamp and payload.
func (o *outbox) put(k kind, method byte, id uint32, stamp, payload []byte) error {
	size := len(stamp) + len(payload)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.room(headerSize + size); err != nil {
		return err
	}
	o.bytes = append(append(appendHeader(o.bytes, k, method, id, size), stamp...), payload...)
	o.open = -1
	o.used = o.used || k != kindAlive
	o.wake.Raise()
	return nil
}

// pack appends an item to the last frame, if that is a push of such items, or else to a new one.
func (o *outbox) pack(method byte, item []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.room(headerSize + len(item)); err != nil {
		return err
	}
	if o.open < 0 || o.method != method || len(o.bytes)-o.open > maxPacked {
		o.open, o.method = len(o.bytes), method
		o.bytes = appendHeader(o.bytes, kindPush, method, 0, 0)
	}
	o.bytes = append(o.bytes, item...)
	o.used = true
	binary.BigEndian.PutUint32(o.bytes[o.open+6:], uint32(len(o.bytes)-o.open-headerSize))
	o.wake.Raise()
	return nil
}

func (o *outbox) room(n int) error {
	switch {
	case o.closed:
		return ErrClosed
	case len(o.bytes)+n > o.limit:
		return ErrFull
	}
	return nil
}

// take returns the frames that wait, and leaves an empty buffer for the next, unless that has grown
// large. used reports whether any of them is no pulse.
func (o *outbox) take(empty []byte) (b []byte, used bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if cap(empty) > kept {
		empty = nil
	}
	b, used = o.bytes, o.used
	o.bytes, o.open, o.used = empty[:0], -1, false
	return b, used
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed, o.bytes, o.open = true, nil, -1
}
