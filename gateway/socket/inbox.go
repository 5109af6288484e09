package socket

import (
	"errors"
	"io"
	"sync"

	"github.com/scaiwave/presence/gateway/admit"
)

// inbox is what reading one message needs; a silent connection holds none.
type inbox struct {
	buf []byte
	msg message
}

// A buffer grows in steps: most messages fit the first, every message with few ids the second, and
// a thousand ids of usual length the third. After it there is only the largest frame.
const (
	inboxBytes    = 1 << 10
	maxInboxBytes = 64 << 10 // larger ones are left to the collector
)

var inboxes = sync.Pool{New: func() any { return &inbox{buf: make([]byte, inboxBytes)} }}

var (
	errTooLarge = errors.New("frame too large")
	errNoRoom   = errors.New("no room for the frame")
)

// keep leaves the buffer to another message.
func (in *inbox) keep() {
	if in.msg = (message{}); cap(in.buf) <= maxInboxBytes {
		inboxes.Put(in)
	}
}

// read fills buf with the message, of at most limit bytes. It asks for room before more than a
// connection may have by itself is used, however large buf is already. Without room it passes over
// the rest; the first n bytes are there.
func (in *inbox) read(r io.Reader, limit int, ask func(size int) error) (n int, err error) {
	room := min(admit.SmallBytes, limit+1)
	for {
		if n == room && n <= limit {
			room = min(nextRoom(room), limit+1)
			if ask(room) != nil {
				return n, passOver(r, limit-n)
			}
		}
		in.fit(n, room)
		m, err := r.Read(in.buf[n:min(len(in.buf), room)])
		n += m
		switch {
		case n > limit:
			return n, errTooLarge
		case err == io.EOF:
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

func nextRoom(room int) int {
	if room < maxInboxBytes {
		return maxInboxBytes
	}
	return int(^uint(0) >> 1)
}

// fit makes the buffer larger when its n bytes are used.
func (in *inbox) fit(n, room int) {
	if n < len(in.buf) {
		return
	}
	size := room
	if n < admit.SmallBytes {
		size = min(room, admit.SmallBytes)
	}
	in.buf = append(make([]byte, 0, size), in.buf...)[:size]
}

// passOver reads the rest of a frame that has no room, up to what a frame may have.
func passOver(r io.Reader, rest int) error {
	n, err := io.CopyN(io.Discard, r, int64(rest)+1)
	switch {
	case n > int64(rest):
		return errTooLarge
	case err != io.EOF:
		return err
	}
	return errNoRoom
}
