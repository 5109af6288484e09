package disk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"
)

const (
	minCompact   = 32 << 20 // a smaller log isn't worth the work
	compactTimes = 4        // a log that has grown to so many times its base is compacted
	maxFiles     = 16       // and one of more files; each start begins one
)

// Pauses before the next attempt, after one that failed.
const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
)

// shortenLarge begins a compaction if one is due.
func (l *Log) shortenLarge(ctx context.Context) {
	large := l.size > minCompact && l.size > compactTimes*l.base || len(l.place.files) > maxFiles
	if l.rewrite.done != nil || !large && !l.isAsked() || l.Trouble() != nil || time.Now().Before(l.rewrite.next) {
		return
	}
	l.base = l.size
	l.takeAsked()
	l.postpone()
	old := l.place.files
	if err := l.begin(); err != nil {
		l.log.Error("compaction failed to start", "dir", l.dir, "error", err)
		l.askAgain()
		return
	}
	l.launch(ctx, old)
}

// postpone lets more and more time pass before the next attempt.
func (l *Log) postpone() {
	l.rewrite.pause = min(max(firstPause, 2*l.rewrite.pause), lastPause)
	l.rewrite.next = time.Now().Add(l.rewrite.pause)
}

// launch has snapshots of everything written to the file that was just begun.
func (l *Log) launch(ctx context.Context, old []ownFile) {
	done := make(chan error, 1)
	l.rewrite.done, l.rewrite.old = done, old
	l.running.Go(func() { done <- l.config.Compact(ctx) })
}

// writeAnew tries to leave a failure behind. What was appended meanwhile is not on disk, and what
// was there may be gone, so everything is written to a new file.
func (l *Log) writeAnew(ctx context.Context) {
	if l.rewrite.failed.IsZero() {
		l.rewrite.failed = time.Now()
	}
	if l.rewrite.done != nil || time.Now().Before(l.rewrite.next) {
		return
	}
	err := l.reopen()
	old := l.place.files
	if err == nil {
		err = l.begin()
	}
	if err != nil {
		l.fail(err)
		return
	}
	l.mu.Lock()
	l.failed, l.buffer, l.tight, l.synced = nil, nil, nil, l.appended // from here on Append writes again
	l.mu.Unlock()
	l.rewrite.anew = l.rewrite.failed
	l.postpone()
	l.launch(ctx, old)
}

// reopen uses the directory that is at the path now, if it is another one than before and no other
// process has locked it. It makes none: an operator who took it away may bring it back.
func (l *Log) reopen() error {
	if gone := l.place.gone(nil); gone != nil {
		p, err := openPlace(l.dir)
		if errors.Is(err, fs.ErrNotExist) {
			return gone
		}
		if err != nil {
			return err
		}
		p.files = l.place.files
		_ = l.place.close()
		l.place = p
		l.lostNotes()
	}
	if err := l.place.strangers(); err != nil {
		return err
	}
	l.place.files = slices.DeleteFunc(l.place.files,
		func(f ownFile) bool { return same(f.name, f.info, os.Lstat) != nil })
	return nil
}

// replace ends a compaction, with the error of Compact.
func (l *Log) replace(err error) {
	old, since := l.rewrite.old, l.rewrite.anew
	l.rewrite.done, l.rewrite.old, l.rewrite.anew = nil, nil, time.Time{}
	l.mu.Lock()
	if l.failed != nil {
		err = l.failed
	}
	l.mu.Unlock()
	switch {
	case err == nil:
		if since.IsZero() {
			l.rewrite.took = time.Since(l.rewrite.began)
		}
		l.replaced(old)
		l.saveNotes()
		l.well(since)
	case since.IsZero():
		l.log.Error("compaction failed", "dir", l.dir, "error", err)
		l.askAgain()
	default:
		l.fail(err)
		l.dropFile()
	}
}

// replaced removes the files that a compaction has replaced.
func (l *Log) replaced(old []ownFile) {
	before := l.size
	l.place.files = l.place.files[len(old):]
	for _, f := range old {
		l.remove(f)
	}
	l.size = l.written
	l.base = l.size
	l.rewrite.pause, l.rewrite.next, l.rewrite.failed = 0, time.Time{}, time.Time{}
	l.log.Info("log compacted", "dir", l.dir, "bytes", l.size, "bytes_before", before)
}

// dropFile removes a file that was to have everything and hasn't. It only takes room.
func (l *Log) dropFile() {
	l.leaveFile()
	last := len(l.place.files) - 1
	l.remove(l.place.files[last])
	l.place.files = l.place.files[:last]
	l.size -= l.written
}

// remove removes a file, if its path still names the one that this log wrote or read.
func (l *Log) remove(f ownFile) {
	if same(f.name, f.info, os.Lstat) != nil {
		return
	}
	if err := os.Remove(f.name); err != nil {
		l.log.Error("old log file not removed", "file", f.name, "error", err)
	}
}

// well ends a failure that began at since; zero: there was none.
func (l *Log) well(since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.behind || since.IsZero() {
		return
	}
	l.behind = false
	l.log.Info("the disk is written again, and has all",
		"dir", l.dir, "after", time.Since(since).Round(time.Millisecond))
	l.goOn()
}
