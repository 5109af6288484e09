package disk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Config is what a log is made from.
type Config struct {
	Dir   string // made if there is none
	Log   *slog.Logger
	Clock func() time.Time // stamps entries
	Take  func(Entry)      // is given what is there, in order, before Open returns

	// Compact is called, on a goroutine of its own, when the log should be shortened or written anew.
	// For each partition that has anything it must call Append with a Snapshot. It should call Written
	// now and then, so that not everything waits in memory, and must return when ctx ends. After an
	// error the older files stay.
	Compact func(ctx context.Context) error

	// Syncing is called before each sync of a file: tests slow a disk down by it. nil: nothing is.
	Syncing func()

	create       func(path string) (file, error) // nil: createFile
	after, every time.Duration                   // 0: askedAfter, askedEvery
}

// Log is a directory of entries. All methods are safe for concurrent use.
type Log struct {
	// static
	config  Config
	dir     string
	log     *slog.Logger
	wake    chan struct{} // one slot
	changed chan struct{} // one slot: Trouble may answer something else
	stop    chan struct{}
	running sync.WaitGroup

	mu       sync.Mutex
	buffer   []byte
	appended uint64 // bytes, since the start
	synced   uint64
	progress chan struct{} // closed, and made again, when synced, failed or behind has changed
	failed   error         // nothing can be written; what was appended since is on no disk
	behind   bool          // what is on disk lacks something, until all has been written anew
	tight    error         // there is room for what is under way, and for no more
	writing  time.Time     // since when the disk has been at it; zero: it isn't
	asked    time.Time     // when Shorten was called; zero: a compaction has begun since

	noting sync.Mutex // held while a note is written
	notes  map[string]note

	flusher
}

// flusher is what only the flushing goroutine uses, and Open before it.
type flusher struct {
	place   place
	file    file // nil: there is none, as the disk failed before one could be made
	number  int
	written int64 // bytes of file
	room    int64 // bytes that file may still grow by, whoever else fills the disk
	size    int64 // of all files
	base    int64 // of all files after the last compaction
	rewrite rewrite
}

// ErrLocked is returned by Open when another process uses the directory.
var ErrLocked = errors.New("disk: the directory is in use by another process")

// Open takes a directory, and gives what is in it to Config.Take. A directory that can be read and
// has no room left is opened: Trouble says so.
func Open(c Config) (*Log, error) {
	if c.create == nil {
		c.create = createFile
	}
	if c.after == 0 {
		c.after, c.every = askedAfter, askedEvery
	}
	l := &Log{
		config: c, dir: c.Dir, log: c.Log, notes: make(map[string]note),
		wake: make(chan struct{}, 1), changed: make(chan struct{}, 1), stop: make(chan struct{}),
		progress: make(chan struct{}),
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, hinted(err)
	}
	var err error
	if l.place, err = openPlace(c.Dir); err != nil {
		return nil, hinted(err)
	}
	if err = l.load(c.Take); err == nil {
		err = l.begin()
	}
	if isFull(err) {
		l.fail(err)
	} else if err != nil {
		return nil, errors.Join(hinted(err), l.place.close())
	}
	l.running.Go(l.run)
	return l, nil
}

// maxWaiting is how many bytes may wait for the disk; one that is so slow has failed.
const maxWaiting = 256 << 20

// Append adds an entry, to be written soon. It doesn't wait, and keeps no bytes.
func (l *Log) Append(kind Kind, partition int, bytes []byte) {
	l.mu.Lock()
	before := len(l.buffer)
	if before > maxWaiting && l.failed == nil {
		l.failLocked(fmt.Errorf("%w: %d bytes wait to be written", ErrSlow, before))
	}
	if l.failed != nil {
		l.mu.Unlock()
		return
	}
	l.buffer = appendEntry(l.buffer, Entry{kind, partition, l.config.Clock(), bytes})
	l.appended += uint64(len(l.buffer) - before)
	l.mu.Unlock()
	poke(l.wake)
}

// Sync waits until all that was appended is on disk. An error says that it may not be.
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

// Written is Sync for Config.Compact: it does not wait for what was lost before.
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

// Close writes what is left.
func (l *Log) Close() error {
	close(l.stop)
	l.running.Wait()
	l.leaveFile()
	return errors.Join(l.failed, l.place.close())
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
