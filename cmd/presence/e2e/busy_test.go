package e2e

import (
	"context"
	"sync"
	"time"
)

// gauge asks the calm server all the time whether it is ready, which needs
// nothing but a processor, and remembers how long each answer took. How late an
// event may come is extended by that: a machine that was busy just then is told
// apart from a server that is late, which a wider limit or a retry would hide.
type gauge struct {
	mu   sync.Mutex
	last time.Time // an answer
	gaps []gap
}

type gap struct {
	end    time.Time
	length time.Duration
}

var busy gauge

func (g *gauge) run(ctx context.Context, s *server) {
	for g.note(); ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		r, err := s.http.Get(s.admin + "/readyz")
		if err != nil {
			continue
		}
		r.Body.Close()
		g.note()
	}
}

// note counts an answer.
func (g *gauge) note() {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if !g.last.IsZero() {
		g.gaps = append(g.gaps, gap{now, now.Sub(g.last)})
	}
	g.last = now
}

// since is the longest time without an answer from then on, four times: a sign
// of life, its deadline, the event and its reader may each have waited as long.
func (g *gauge) since(then time.Time) (longest time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	longest = time.Since(g.last) // it lasts
	for _, gap := range g.gaps {
		if gap.end.After(then) {
			longest = max(longest, gap.length)
		}
	}
	return 4 * longest
}
