package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// What Trouble and Sync wrap. Test with errors.Is.
var (
	ErrNoSpace = errors.New("disk: no space left")
	ErrGone    = errors.New("disk: deleted or replaced while in use")
	ErrSlow    = errors.New("disk: too slow")
	ErrBehind  = errors.New("disk: being written anew after a failure")
)

// slowAfter is how long one write may take before Trouble says so.
const slowAfter = 400 * time.Millisecond

// Trouble returns why nothing more that must be on disk should be taken on, or nil. What is asked
// before something is appended needs no undoing: of a disk that fills up, Trouble says so while
// there is room for what is under way.
func (l *Log) Trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed != nil:
		return l.failed
	case l.behind:
		return ErrBehind
	case l.tight != nil:
		return l.tight
	case !l.writing.IsZero() && time.Since(l.writing) > slowAfter:
		return fmt.Errorf("%w: at one write for %v", ErrSlow, time.Since(l.writing).Round(time.Millisecond))
	}
	return nil
}

// Changed has something when Trouble may have changed, but for a write that takes long.
func (l *Log) Changed() <-chan struct{} { return l.changed }

// isFull reports whether an error is about room.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// fail gives the disk up until look finds it well.
func (l *Log) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failLocked(err)
}

// failLocked is fail while l.mu is held. A cause that lasts is logged once.
func (l *Log) failLocked(err error) {
	if isFull(err) && !errors.Is(err, ErrNoSpace) {
		err = fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	if l.failed == nil || l.failed.Error() != err.Error() {
		l.log.Error("the disk failed: what must be on it is refused until it can be written again",
			"dir", l.dir, "error", err)
	}
	l.failed, l.behind, l.buffer = err, true, nil
	l.goOn()
}

// goOn wakes up who waits. l.mu is held.
func (l *Log) goOn() {
	close(l.progress)
	l.progress = make(chan struct{})
	poke(l.changed)
}

// crowd notes whether there is room.
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
	poke(l.changed)
}

// hinted says what would be right of a directory that can't be used.
func hinted(err error) error {
	switch {
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: it must be on a file system that is mounted for writing", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: the user that runs this process must be able to read and write there", err)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: it must be a directory", err)
	}
	return err
}
