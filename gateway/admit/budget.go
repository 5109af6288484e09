package admit

import "sync/atomic"

// Budget is a count of bytes that many draw on, with a limit. All methods are safe for concurrent use.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget returns a budget of limit bytes, all of them free.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Take takes n bytes, or nothing and reports false if fewer are left. Give must return what was
// taken.
func (b *Budget) Take(n int64) bool {
	for {
		used := b.used.Load()
		if n > b.limit-used {
			return false
		}
		if b.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

// Give returns n bytes that were taken. It panics if more come back than went out: a budget that
// grows by mistake is no limit any more.
func (b *Budget) Give(n int64) {
	if b.used.Add(-n) < 0 {
		panic("admit: more bytes given back than taken")
	}
}

// Used is how many bytes are taken.
func (b *Budget) Used() int64 { return b.used.Load() }

// Limit is how many bytes there are.
func (b *Budget) Limit() int64 { return b.limit }
