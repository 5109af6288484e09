package auth

import (
	"sync"
	"time"
)

// What is remembered of tokens whose key doesn't exist.
const (
	maxMissing = 1024
	askAgain   = 10 * time.Second
)

// missing remembers tokens that a fetch was made for in vain. A backend that goes on sending its
// old token has one made every askAgain, and doesn't wait for others. The zero value is empty.
type missing struct {
	mu   sync.Mutex
	when map[digest]time.Time
}

func (m *missing) has(d digest, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.when[d]
	return ok && now.Sub(t) < askAgain
}

// add remembers a token. A full memory starts over: the pace is what protects the JWKS.
func (m *missing) add(d digest, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.when == nil || len(m.when) >= maxMissing {
		m.when = make(map[digest]time.Time, 1)
	}
	m.when[d] = now
}
