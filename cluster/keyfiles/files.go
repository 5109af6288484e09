package keyfiles

import (
	"bytes"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Options say where files that can't be used are reported.
type Options struct {
	Logger   *slog.Logger  // nil: nowhere
	Failures *atomic.Int64 // calls of Look that found such files; nil: not counted
}

// Files are some files that only make sense together, and what was made of their content. All
// methods are safe for concurrent use.
type Files[T any] struct {
	// static
	paths []string
	read  func(contents [][]byte) (T, error)
	log   *slog.Logger
	count *atomic.Int64

	current atomic.Pointer[T]

	mu   sync.Mutex // one Look at a time
	used [][]byte   // the contents of which current was made
	told string     // the failure that was logged last; empty: none since the files were good
}

// Load reads the files at paths for the first time. read makes something of their contents, in the
// order of paths; its errors must name the file.
func Load[T any](o Options, read func(contents [][]byte) (T, error), paths ...string) (*Files[T], error) {
	f := &Files[T]{paths: paths, read: read, log: o.Logger, count: o.Failures}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	if f.count == nil {
		f.count = new(atomic.Int64)
	}
	if _, err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// Current is what was made of the files when they were last good.
func (f *Files[T]) Current() T { return *f.current.Load() }

// Look reads the files again. It reports whether they are good and have something new, or are good
// again after a failure.
func (f *Files[T]) Look() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	changed, err := f.load()
	if err != nil {
		f.fail(err)
		return false
	}
	again := f.told != ""
	f.told = ""
	return changed || again
}

func (f *Files[T]) fail(err error) {
	f.count.Add(1)
	if f.told == err.Error() {
		return
	}
	f.told = err.Error()
	f.log.Warn("reload failed; what was read before stays in use", "file", strings.Join(f.paths, " "), "error", err)
}

// load makes the content of the files current. It reports whether the content is new.
func (f *Files[T]) load() (changed bool, err error) {
	contents := make([][]byte, len(f.paths))
	for i, p := range f.paths {
		if contents[i], err = os.ReadFile(p); err != nil {
			return false, err
		}
	}
	if f.used != nil && slices.EqualFunc(contents, f.used, bytes.Equal) {
		return false, nil
	}
	v, err := f.read(contents)
	if err != nil {
		return false, err
	}
	f.used = contents
	f.current.Store(&v)
	return true, nil
}
