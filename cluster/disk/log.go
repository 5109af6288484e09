package disk

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/scaiwave/presence/shard/wake"
)

// Config is what a log is made from.
type Config struct {
	Dir   string // made if it is missing
	Log   *slog.Logger
	Clock func() time.Time // stamps entries
	Take  func(Entry)      // is given the entries on disk, in order, before Open returns

	// Compact is called, on a goroutine of its own, when the log should be compacted or written
	// anew. It must call Append with a Snapshot for each partition that has anything. It should
	// call Written now and then, so that not everything waits in memory. It must return when ctx
	// ends. After an error the older files stay.
	Compact func(ctx context.Context) error

	// Syncing, if not nil, is called before each sync of a file. Tests slow a disk down with it.
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
	wake    wake.Signal // there is something to write
	changed wake.Signal // Trouble may answer something else
	stop    chan struct{}
	running sync.WaitGroup

	mu       sync.Mutex
	buffer   []byte
	appended uint64 // bytes, since the start
	synced   uint64
	progress chan struct{} // closed, and made again, when synced, failed or behind has changed
	failed   error         // nothing can be written; what was appended since is not on disk
	behind   bool          // the disk lacks something, until all has been written anew
	tight    error         // there is room for what is under way, and for no more
	writing  time.Time     // since when a write has been under way; zero: none is
	asked    time.Time     // when Shorten was called; zero: a compaction has begun since

	noting sync.Mutex // held while a note is written
	notes  map[string]note

	flusher
}

// flusher is what the flushing goroutine alone uses, and Open before it.
type flusher struct {
	place   place
	file    file // nil: the disk failed before one could be made
	number  int
	written int64 // bytes of file
	room    int64 // bytes that file may still grow by, whatever else fills the disk
	size    int64 // of all files
	base    int64 // of all files after the last compaction
	rewrite rewrite
}

// rewrite is a compaction: everything is written to a new file, and replaces the older ones.
type rewrite struct {
	done   chan error    // has what Compact returned; nil while it doesn't run
	old    []ownFile     // files that it replaces
	anew   time.Time     // since when the disk had failed, if it runs for that; else zero
	failed time.Time     // since when the disk has failed; zero: it has not
	pause  time.Duration // before the next attempt
	next   time.Time     // the next one begins no earlier
	asked  time.Time     // when Shorten asked for it; zero: it did not
	began  time.Time     // the latest one
	took   time.Duration // the latest one that succeeded
}

// note is a few bytes beside the entries.
type note struct {
	bytes []byte
	saved bool
}
