package disk

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// flush writes and syncs what has gathered.
func (l *Log) flush() {
	l.mu.Lock()
	b, upTo := l.buffer, l.appended
	l.buffer = nil
	if l.failed != nil || len(b) == 0 {
		l.mu.Unlock()
		return
	}
	l.writing = time.Now()
	l.mu.Unlock()
	err := l.write(b)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writing = time.Time{}
	switch {
	case l.failed != nil: // Append gave the disk up meanwhile
	case err != nil:
		l.failLocked(err)
	default:
		l.synced = upTo
		l.goOn()
	}
}

// write puts bytes on the disk, and checks that a restart would find them there.
func (l *Log) write(b []byte) error {
	l.makeRoom(len(b))
	if _, err := l.file.Write(b); err != nil {
		return err
	}
	if l.config.Syncing != nil {
		l.config.Syncing()
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.written += int64(len(b))
	l.room -= int64(len(b))
	l.size += int64(len(b))
	return l.place.gone(l.place.latest())
}

// begin starts the next file, with room of its own. If that fails, the file before stays in use.
func (l *Log) begin() error {
	name := filepath.Join(l.dir, fileName(l.number+1))
	f, err := l.config.create(name)
	if err != nil {
		return err
	}
	room, err := reserve(f, 0, reserveBytes)
	if err == nil {
		err = syncDir(l.dir)
	}
	if err == nil {
		err = l.place.add(name)
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(name))
	}
	l.leaveFile()
	l.number++
	l.file, l.written, l.room = f, 0, room
	return nil
}

// leaveFile closes the file, if there is one. It cuts off the room that was not used, and what was
// written only in part. Should that fail, the next start finds a torn end.
func (l *Log) leaveFile() {
	if l.file == nil {
		return
	}
	if err := errors.Join(l.file.Truncate(l.written), l.file.Close()); err != nil {
		l.log.Warn("log file failed to close", "file", fileName(l.number), "error", err)
	}
	l.file = nil
}
