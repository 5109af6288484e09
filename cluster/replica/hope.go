package replica

import (
	"time"

	"github.com/scaiwave/presence/cluster/link"
)

// slowAfter is for how long a call may go unanswered before its target is slow.
const slowAfter = 800 * time.Millisecond

// begin notes the call that is under way.
func (m *Mirror) begin(s *stream, call uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.call = call
}

// slowed notes that a call to a stream's target has gone unanswered for slowAfter. If the target is
// silent altogether, there may be another backup soon: those that wait go on waiting. What went out
// on the connection that is silent now is sent again, another way.
func (m *Mirror) slowed(s *stream, call uint64, direct bool, again func()) {
	switch {
	case m.peers.Answers(s.target, link.Bulk):
		m.giveUp(s, call)
	case direct:
		again()
	}
}

// giveUp refuses all that waits for a stream's target, and what comes until it answers again,
// unless it has just answered.
func (m *Mirror) giveUp(s *stream, call uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.call != call || m.streams[s.target] != s {
		return
	}
	s.slow = true
	for i := range m.parts {
		if p := &m.parts[i]; p.target == s.target {
			p.answerAll(Refused)
		}
	}
}
