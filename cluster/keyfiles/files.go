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

// Options say who hears of files that can't be used.
type Options struct {
	Logger   *slog.Logger  // nil: none
	Failures *atomic.Int64 // looks that found files that can't be used; nil: not counted
}

// Files are some files that only make sense together, and what they hold. All methods are safe for
// concurrent use.
type Files[T any] struct {
	// static
	paths []string
	read  func(contents [][]byte) (T, error)
	log   *slog.Logger
	count *atomic.Int64

	current atomic.Pointer[T]

	mu   sync.Mutex // a look at a time
	used [][]byte   // the contents of current
	told string     // the failure that is in the log; empty: none since the files were good
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
	if _, err := f.take(); err != nil {
		return nil, err
	}
	return f, nil
}

// Current is what the files held when they were last found good.
func (f *Files[T]) Current() T { return *f.current.Load() }

// Look reads the files again. It reports whether they are good and hold something new, or are good
// again.
func (f *Files[T]) Look() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	changed, err := f.take()
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

// take makes what the files hold current, if that is new.
func (f *Files[T]) take() (changed bool, err error) {
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
