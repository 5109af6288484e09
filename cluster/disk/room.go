package disk

import (
	"fmt"
)

// A full disk is seen coming: the file that is written has room of its own, which nothing else can
// fill. When no more can be had, Trouble returns an error, and what is under way fits in what is
// left.
const (
	reserveBytes = 512 << 10 // room that is asked for
	leastRoom    = 128 << 10 // with less of it nothing more should be begun
)

// makeRoom reserves room for n bytes, and some more.
func (l *Log) makeRoom(n int) {
	if l.room-int64(n) >= leastRoom {
		return
	}
	room, err := reserve(l.file, l.written, int64(n)+reserveBytes)
	if isFull(err) {
		room, err = reserve(l.file, l.written, int64(n)+leastRoom)
	}
	if err == nil {
		l.room = room
	}
	if err == nil || isFull(err) { // the write will return any other error
		l.crowd(err)
	}
}

// crowd notes whether there is room: err is nil, or why there is none.
func (l *Log) crowd(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if (err == nil) == (l.tight == nil) {
		return
	}
	if l.tight = err; err == nil {
		l.log.Info("there is room on the disk again", "dir", l.dir)
	} else {
		l.tight = fmt.Errorf("%w: %w", ErrNoSpace, err)
		l.log.Error("no space left on the disk: what must be on it is refused until there is room",
			"dir", l.dir, "error", err)
	}
	l.changed.Raise()
}
