package disk

import (
	"errors"
	"math"
	"os"
)

// A full disk is seen coming: the file that is written has room of its own, which nobody else can
// fill. While it can't be had, Trouble says so, and what is under way fits in what is left.
const (
	reserveBytes = 512 << 10 // room that is asked for
	leastRoom    = 128 << 10 // with less of it nothing more should be taken on
)

// file is what a log writes. Tests have some that fail.
type file interface {
	Write(b []byte) (int, error)
	Sync() error
	Truncate(size int64) error
	Close() error
	// Reserve sees to it that the file can grow to a size. errors.ErrUnsupported: nobody can know.
	Reserve(from, bytes int64) error
}

type osFile struct{ *os.File }

func createFile(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// makeRoom has room for n bytes, and some more.
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
	if err == nil || isFull(err) { // anything else the write will say
		l.crowd(err)
	}
}

// reserve returns how far a file may grow.
func reserve(f file, from, bytes int64) (room int64, err error) {
	err = f.Reserve(from, bytes)
	if errors.Is(err, errors.ErrUnsupported) {
		return math.MaxInt64, nil
	}
	return bytes, err
}
