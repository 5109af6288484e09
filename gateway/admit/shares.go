package admit

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Why a Hold got nothing.
var (
	ErrFull  = errors.New("admit: the budget is taken")
	ErrShare = errors.New("admit: the participant has its share of the budget")
)

// Shares is a Budget of which each participant may hold a part only, so that a participant with a
// token can't keep the others out. All methods are safe for concurrent use.
type Shares struct {
	// static
	budget *Budget
	each   int64 // bytes of one participant at most
	group  int64 // and of those who act for all of a group

	full, over atomic.Int64 // refused, by reason

	mu   sync.Mutex
	held map[string]int64 // by participant; who holds nothing isn't there
}

// NewShares returns shares of each bytes in b.
func NewShares(b *Budget, each int64) *Shares {
	return &Shares{budget: b, each: each, group: b.limit, held: make(map[string]int64)}
}

// WithGroups has those who act for all of a group hold no more than so many bytes together.
func (s *Shares) WithGroups(bytes int64) *Shares {
	s.group = bytes
	return s
}

// Budget is what the shares are of.
func (s *Shares) Budget() *Budget { return s.budget }

// Refused is how often a Hold got nothing since the start: because the budget was taken, and
// because the participant had its share.
func (s *Shares) Refused() (full, over int64) { return s.full.Load(), s.over.Load() }

// Hold is what one request, or one frame, has taken. It belongs to one goroutine. The zero value
// holds nothing, and Release does nothing to it.
type Hold struct {
	shares *Shares
	who    string
	most   int64
	bytes  int64
}

// Hold begins to hold for a participant. Those without a name have no share to keep to, as
// backends, which act for many.
func (s *Shares) Hold(who string) Hold { return Hold{shares: s, who: who, most: s.each} }

// HoldAll is Hold for those who act for all of a group, of a name that no participant has. Without
// one the group is all there are.
func (s *Shares) HoldAll(group string) Hold { return Hold{shares: s, who: group, most: s.group} }

// HoldPart is Hold for who may have one n-th of a share only.
func (s *Shares) HoldPart(who string, n int64) Hold {
	return Hold{shares: s, who: who, most: s.each / n}
}

// Take takes n bytes more. It waits for others, for so long, only while it holds nothing: two who
// each hold half and wait for the other's would wait for nothing. The error is ErrShare or ErrFull.
func (h *Hold) Take(ctx context.Context, n int64, wait time.Duration) error {
	s := h.shares
	if n <= 0 {
		return nil
	}
	if !s.reserve(h, n) {
		s.over.Add(1)
		return ErrShare
	}
	if !s.budget.Take(n) && !(h.bytes == 0 && s.waitFor(ctx, n, wait)) {
		s.free(h.who, n)
		s.full.Add(1)
		return ErrFull
	}
	h.bytes += n
	return nil
}

func (s *Shares) waitFor(ctx context.Context, n int64, wait time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return s.budget.Wait(ctx, n)
}

// Release gives everything back. The Hold may take again.
func (h *Hold) Release() {
	if h.bytes == 0 {
		return
	}
	h.shares.free(h.who, h.bytes)
	h.shares.budget.Give(h.bytes)
	h.bytes = 0
}

// Most is how many bytes all holds of the same name may have together.
func (h *Hold) Most() int64 { return h.most }

// Bytes is how many it holds.
func (h *Hold) Bytes() int64 { return h.bytes }

func (s *Shares) reserve(h *Hold, n int64) bool {
	if h.who == "" {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > h.most-s.held[h.who] {
		return false
	}
	s.held[h.who] += n
	return true
}

func (s *Shares) free(who string, n int64) {
	if who == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[who] -= n; s.held[who] == 0 {
		delete(s.held, who)
	}
}
