package disk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// lookEvery is how often the directory is looked at, and what has failed tried again.
const lookEvery = 200 * time.Millisecond

func (l *Log) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			cancel()
			if l.rewrite.done != nil {
				<-l.rewrite.done
			}
			l.flush()
			return
		case <-l.wake:
			l.flush()
		case <-tick.C:
			l.look(ctx)
		case err := <-l.rewrite.done:
			l.flush()
			l.replace(err)
		}
		l.shortenLarge(ctx)
	}
}

// look finds out whether the disk is as it was, and whether what was wrong has passed.
func (l *Log) look(ctx context.Context) {
	l.mu.Lock()
	failed, tight := l.failed, l.tight
	l.mu.Unlock()
	if failed != nil {
		l.writeAnew(ctx)
		return
	}
	if err := l.place.gone(l.place.files); err != nil {
		l.fail(err)
		return
	}
	if tight != nil {
		l.makeRoom(0)
	}
	l.saveNotes()
}

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
	case l.failed != nil: // it was given up meanwhile
	case err != nil:
		l.failLocked(err)
	default:
		l.synced = upTo
		l.goOn()
	}
}

// write puts bytes on the disk, where a restart finds them.
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

// begin starts the next file, with room of its own. The one before stays as it is if that fails.
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

// leaveFile closes the file, if there is one, without the room that it has not used and what was
// written only in part. Should that fail, the next start finds a torn end.
func (l *Log) leaveFile() {
	if l.file == nil {
		return
	}
	if err := errors.Join(l.file.Truncate(l.written), l.file.Close()); err != nil {
		l.log.Warn("a file was not closed well", "file", fileName(l.number), "error", err)
	}
	l.file = nil
}
