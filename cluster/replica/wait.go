package replica

import (
	"context"
	"slices"
)

// maxFlips is how many joins, leaves and flips may wait: fewer than a connection has places.
const maxFlips = 512

// WaitFlip waits until the backup has in memory what was put of a partition so far, or ctx ends.
func (m *Mirror) WaitFlip(ctx context.Context, partition int) Verdict {
	return m.wait(ctx, partition, false)
}

// WaitFact waits until the backup has it for good, or ctx ends, or there is no hope that it will in
// time.
func (m *Mirror) WaitFact(ctx context.Context, partition int) Verdict {
	v := m.wait(ctx, partition, true)
	if v == Refused {
		m.refused.Add(1)
	}
	return v
}

func (m *Mirror) wait(ctx context.Context, partition int, fact bool) Verdict {
	v, s, w := m.enter(partition, fact)
	if w == nil {
		return v
	}
	select {
	case <-w.done:
	case <-ctx.Done():
	}
	return m.leave(partition, s, w)
}

// enter returns the verdict if it is known at once, else a waiter for a stream, which may be nil.
func (m *Mirror) enter(partition int, fact bool) (Verdict, *stream, *waiter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.parts[partition]
	s := m.streams[p.target]
	switch {
	case p.onDisk() || !fact && p.inMemory():
		return Has, nil, nil
	case s != nil && s.hopeless(p, fact):
		if fact && p.inMemory() && !s.slow { // on its disk it isn't, and no record may come that would tell
			p.lacks()
			m.queue(partition)
		}
		return Refused, nil, nil
	case !fact && m.flips >= maxFlips:
		return Refused, nil, nil
	}
	w := &waiter{want: p.put, fact: fact, done: make(chan struct{})}
	p.waiters = append(p.waiters, w)
	m.count(s, fact, 1)
	return Missed, s, w
}

// leave ends a wait, and returns its verdict if there is one, be it of this very moment.
func (m *Mirror) leave(partition int, s *stream, w *waiter) Verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count(s, w.fact, -1)
	p := &m.parts[partition]
	p.waiters = slices.DeleteFunc(p.waiters, func(o *waiter) bool { return o == w })
	return w.verdict
}

// count counts what waits: facts by stream, flips together. m.mu is held.
func (m *Mirror) count(s *stream, fact bool, n int) {
	if !fact {
		m.flips += n
	} else if s != nil {
		s.waiting += n
	}
}
