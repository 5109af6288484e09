package admit

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// Budget is a count of bytes that many draw on, with a limit. All methods are safe for concurrent
// use.
type Budget struct {
	limit int64
	used  atomic.Int64
	queue *semaphore.Weighted
}

// NewBudget returns a budget of limit bytes, all of them free.
func NewBudget(limit int64) *Budget {
	return &Budget{limit: limit, queue: semaphore.NewWeighted(limit)}
}

// Take takes n bytes, or nothing and reports false if fewer are left or others wait for them. Give
// must return what was taken.
func (b *Budget) Take(n int64) bool {
	if !b.queue.TryAcquire(n) {
		return false
	}
	b.used.Add(n)
	return true
}

// Wait takes n bytes once there are so many and all who came before have theirs. It reports false
// if ctx ends first, or n is more than the limit.
func (b *Budget) Wait(ctx context.Context, n int64) bool {
	if n > b.limit || b.queue.Acquire(ctx, n) != nil {
		return false
	}
	b.used.Add(n)
	return true
}

// Give returns n bytes that were taken. It panics if more come back than went out: a budget that
// grows by mistake is no limit any more.
func (b *Budget) Give(n int64) {
	b.used.Add(-n)
	b.queue.Release(n)
}

// Used is how many bytes are taken.
func (b *Budget) Used() int64 { return b.used.Load() }

// Limit is how many bytes there are.
func (b *Budget) Limit() int64 { return b.limit }
