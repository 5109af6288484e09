package host

import (
	"sync"
	"sync/atomic"
)

// left tells which ids files may have that memory has no more: a bit for each hash of those that
// have left since before the last time that the files were written anew. Two ids may share a bit,
// and then it says yes for both.
type left struct {
	unknown     atomic.Bool // the files may have any id
	now, before [leftBits / 64]atomic.Uint64
	mu          sync.Mutex // one rewrite at a time
}

// leftBits is 1 MiB: of a million ids that have left, a tenth of all others is taken for one.
const leftBits = 1 << 23

func (l *left) add(hash uint64) {
	l.now[hash%leftBits/64].Or(1 << (hash % 64))
}

func (l *left) has(hash uint64) bool {
	if l.unknown.Load() {
		return true
	}
	word, bit := hash%leftBits/64, uint64(1)<<(hash%64)
	return (l.now[word].Load()|l.before[word].Load())&bit != 0
}

// rewrite is Host.Rewrite.
func (l *left) rewrite(write func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	gone := l.begin()
	if err := write(); err != nil {
		return err
	}
	l.end(gone)
	return nil
}

// begin returns who has left by now.
func (l *left) begin() []uint64 {
	gone := make([]uint64, len(l.now))
	for i := range gone {
		gone[i] = l.now[i].Load()
	}
	return gone
}

// end keeps those for one more time, instead of the ones before.
func (l *left) end(gone []uint64) {
	for i, bits := range gone {
		l.before[i].Store(bits)
		l.now[i].And(^bits)
	}
	l.unknown.Store(false)
}
