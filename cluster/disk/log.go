package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Log is a directory of entries. All methods are safe for concurrent use.
type Log struct {
	// static
	dir     string
	log     *slog.Logger
	lock    *os.File
	wake    chan struct{} // one slot
	clock   func() time.Time
	compact compactor
	syncing func()
	stop    chan struct{}
	running sync.WaitGroup

	mu       sync.Mutex
	buffer   []byte
	appended uint64 // bytes, since the start
	synced   uint64
	progress chan struct{} // closed, and made again, when synced or err has changed
	err      error         // the disk failed: nothing is acknowledged any more
	writing  time.Time     // since when the disk has been at it; zero: it isn't

	// flusher only
	file   *os.File
	number int
	size   int64 // of all files
	base   int64 // of all files after the last compaction
}

const (
	suffix       = ".log"
	minCompact   = 32 << 20 // a smaller log isn't worth the work
	compactTimes = 4        // so many times its base
)

// compactor asks for what the log is about: for each partition that has any it must call Append with a Snapshot. It should call Sync
// now and then, so that not everything waits in memory, and must return when ctx ends; after an error the older files stay.
type compactor func(ctx context.Context) error

// ErrLocked is returned by Open when another process uses the directory.
var ErrLocked = errors.New("disk: the directory is in use by another process")

// Open takes a directory, made if there is none, and gives what is in it, in order, to take.
// compact is called, on a goroutine of its own, when the log should be shortened. Entries are
// stamped by clock. Tests slow a disk down by syncing, which is called before each sync of a file;
// nil: nothing is.
func Open(dir string, log *slog.Logger, clock func() time.Time, take func(Entry), compact func(ctx context.Context) error, syncing func()) (*Log, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &Log{
		dir: dir, log: log, clock: clock, wake: make(chan struct{}, 1), compact: compact, syncing: syncing,
		stop: make(chan struct{}), progress: make(chan struct{}),
	}
	var err error
	if l.lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	if err = syscall.Flock(int(l.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		l.lock.Close()
		return nil, fmt.Errorf("%w: %s: %w", ErrLocked, dir, err)
	}
	if err = l.load(take); err == nil {
		err = l.begin()
	}
	if err != nil {
		l.lock.Close()
		return nil, err
	}
	l.running.Go(l.run)
	return l, nil
}

func (l *Log) files() ([]string, error) {
	names, err := filepath.Glob(filepath.Join(l.dir, "*"+suffix))
	slices.Sort(names)
	return names, err
}

func (l *Log) load(take func(Entry)) error {
	names, err := l.files()
	if err != nil {
		return err
	}
	for i, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := l.repair(name, b, scan(b, take), i == len(names)-1); err != nil {
			return err
		}
		l.size += int64(len(b))
		if _, err := fmt.Sscanf(filepath.Base(name), "%d"+suffix, &l.number); err != nil {
			return fmt.Errorf("%s: a name that this log never gives: %w", name, err)
		}
	}
	l.base = l.size
	return nil
}

// repair deals with damage. A torn end of the last file is cut off, and kept; a file with anything else is kept whole, for whoever wants to
// look at it.
func (l *Log) repair(name string, b []byte, d damage, last bool) error {
	if d.inside() || d.at >= 0 && !last {
		aside := name + ".damaged"
		l.log.Error("a file is damaged; a copy is kept, and what is whole is loaded", "file", name, "copy", aside, "at", d.at, "bytes", d.bytes)
		if err := keep(aside, b); err != nil {
			return err
		}
	}
	if d.torn < 0 || !last {
		return nil
	}
	aside := name + ".torn"
	l.log.Warn("a file ends in something that is no whole entry, as a power cut leaves of what was not yet acknowledged; it is cut off, and a copy kept",
		"file", name, "copy", aside, "at", d.torn, "bytes", len(b)-d.torn)
	if err := keep(aside, b[d.torn:]); err != nil {
		l.log.Error("what was cut off could not be kept", "copy", aside, "err", err) // on a full disk the node must start all the same
	}
	return os.Truncate(name, int64(d.torn))
}

// keep writes a file, unless it was kept before.
func keep(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// begin starts the next file.
func (l *Log) begin() error {
	l.number++
	f, err := os.OpenFile(filepath.Join(l.dir, fmt.Sprintf("%08d%s", l.number, suffix)), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	l.file = f
	return l.syncDir()
}

func (l *Log) syncDir() error {
	d, err := os.Open(l.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// maxWaiting is how many bytes may wait for the disk; one that is so slow has failed.
const maxWaiting = 256 << 20

// Append adds an entry, to be written soon. It doesn't wait, and keeps no bytes.
func (l *Log) Append(kind Kind, partition int, bytes []byte) {
	l.mu.Lock()
	before := len(l.buffer)
	if before > maxWaiting && l.err == nil {
		l.fail(fmt.Errorf("%d bytes wait to be written", before))
	}
	if l.err != nil {
		l.buffer = nil
		l.mu.Unlock()
		return
	}
	l.buffer = appendEntry(l.buffer, Entry{kind, partition, l.clock(), bytes})
	l.appended += uint64(len(l.buffer) - before)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Sync waits until all that was appended is on disk. An error says that it may not be.
func (l *Log) Sync(ctx context.Context) error {
	l.mu.Lock()
	want := l.appended
	for l.synced < want && l.err == nil {
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
	return l.err
}

// Close writes what is left.
func (l *Log) Close() error {
	close(l.stop)
	l.running.Wait()
	return errors.Join(l.err, l.file.Close(), l.lock.Close())
}

func (l *Log) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var shorter chan error // gives what compact returned; nil while it doesn't run
	var old []string       // files that it replaces
	for {
		select {
		case <-l.stop:
			cancel()
			if shorter != nil {
				<-shorter
			}
			l.flush()
			return
		case <-l.wake:
			l.flush()
		case err := <-shorter:
			shorter = nil
			l.flush()
			l.replace(old, err)
		}
		if shorter == nil && l.size > minCompact && l.size > compactTimes*l.base {
			old, shorter = l.shorten(ctx)
		}
	}
}

// flush writes and syncs what has gathered.
func (l *Log) flush() {
	l.mu.Lock()
	b, upTo, err := l.buffer, l.appended, l.err
	l.buffer = nil
	if err != nil || len(b) == 0 {
		l.mu.Unlock()
		return
	}
	l.writing = time.Now()
	l.mu.Unlock()
	_, err = l.file.Write(b)
	if l.syncing != nil {
		l.syncing()
	}
	if err == nil {
		err = l.file.Sync()
	}
	l.size += int64(len(b))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writing = time.Time{}
	switch {
	case l.err != nil: // it was given up meanwhile
	case err != nil:
		l.fail(err)
	default:
		l.synced = upTo
		l.goOn()
	}
}

// fail gives the disk up. l.mu is held.
func (l *Log) fail(err error) {
	l.err = fmt.Errorf("disk: %w", err)
	l.log.Error("the disk failed: what must be on it is not acknowledged any more", "dir", l.dir, "err", err)
	l.goOn()
}

// goOn wakes up who waits in Sync. l.mu is held.
func (l *Log) goOn() {
	close(l.progress)
	l.progress = make(chan struct{})
}

// Stuck reports whether the disk has been at one write for longer than d.
func (l *Log) Stuck(d time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.writing.IsZero() && time.Since(l.writing) > d
}

// Failed says whether the disk has failed.
func (l *Log) Failed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err != nil
}

// shorten begins a file and has snapshots of everything written there.
func (l *Log) shorten(ctx context.Context) (old []string, done chan error) {
	l.base = l.size // not again at once, if it fails
	old, err := l.files()
	if err == nil {
		err = l.next()
	}
	if err != nil {
		l.log.Error("the log could not be shortened", "dir", l.dir, "err", err)
		return nil, nil
	}
	done = make(chan error, 1)
	l.running.Go(func() { done <- l.compact(ctx) })
	return old, done
}

// replace removes the files whose entries don't count any more.
func (l *Log) replace(old []string, err error) {
	l.mu.Lock()
	err = errors.Join(err, l.err)
	l.mu.Unlock()
	if err != nil {
		l.log.Error("the log was not shortened", "dir", l.dir, "err", err)
		return
	}
	before := l.size
	for _, name := range old {
		if info, err := os.Stat(name); err == nil {
			l.size -= info.Size()
		}
		if err := os.Remove(name); err != nil {
			l.log.Error("an old file could not be removed", "file", name, "err", err)
		}
	}
	l.base = l.size
	l.log.Info("log shortened", "dir", l.dir, "before", before, "after", l.size)
}

func (l *Log) next() error {
	old := l.file
	if err := l.begin(); err != nil {
		l.file = old
		return err
	}
	return old.Close()
}
