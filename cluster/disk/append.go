package disk

import (
	"context"
	"fmt"
)

// maxWaiting is how many bytes may wait for the disk. A disk that is slower has failed.
const maxWaiting = 256 << 20

// Append adds an entry, to be written soon. It doesn't wait, and doesn't keep bytes.
func (l *Log) Append(kind Kind, partition int, bytes []byte) {
	l.AppendTogether(Entry{Kind: kind, Partition: partition, Bytes: bytes})
}

// AppendTogether is Append of entries of which one means nothing without the next: no other comes
// between them, and all are in one file. It says itself when they were written.
func (l *Log) AppendTogether(entries ...Entry) {
	l.mu.Lock()
	before := len(l.buffer)
	if before > maxWaiting && l.failed == nil {
		l.failLocked(fmt.Errorf("%w: %d bytes wait to be written", ErrSlow, before))
	}
	if l.failed != nil {
		l.mu.Unlock()
		return
	}
	written := l.config.Clock()
	for _, e := range entries {
		e.Written = written
		l.buffer = appendEntry(l.buffer, e)
	}
	l.appended += uint64(len(l.buffer) - before)
	l.mu.Unlock()
	l.wake.Raise()
}

// Sync waits until all that was appended is on disk. After an error it may not be.
func (l *Log) Sync(ctx context.Context) error {
	if err := l.Written(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil && l.behind {
		return ErrBehind
	}
	return l.failed
}

// Written is Sync for Config.Compact: that a failure lost something before is no error.
func (l *Log) Written(ctx context.Context) error {
	l.mu.Lock()
	want := l.appended
	for l.synced < want && l.failed == nil {
		progress := l.progress
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-progress:
		}
		l.mu.Lock()
	}
	defer l.mu.Unlock()
	return l.failed
}
