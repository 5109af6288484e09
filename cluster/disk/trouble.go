package disk

import (
	"errors"
	"fmt"
	"time"
)

// slowAfter is how long one write may take before Trouble returns ErrSlow.
const slowAfter = 400 * time.Millisecond

// Trouble returns why nothing more should be begun that must be on disk, or nil. A caller that asks
// before it appends has nothing to undo: while a disk fills up, Trouble returns an error as long as
// there is still room for what is under way.
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

// Changed has something when Trouble may have changed. It has nothing for a write that takes long.
func (l *Log) Changed() <-chan struct{} { return l.changed }

// fail gives the disk up, until look finds it well.
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

// goOn wakes all who wait in Written. l.mu is held.
func (l *Log) goOn() {
	close(l.progress)
	l.progress = make(chan struct{})
	l.changed.Raise()
}
