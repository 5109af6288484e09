package authorize

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	maxFailures = 5           // calls in a row without an answer open the circuit
	probeEvery  = time.Second // one call while it is open
)

// circuit keeps questions from an endpoint that doesn't answer.
type circuit struct {
	log *slog.Logger // static

	mu       sync.Mutex
	failures int       // since the last answer
	reason   error     // of the last of them
	since    time.Time // when it opened; zero: it is closed
	probeAt  time.Time // while it is open
}

// lets reports whether a call may begin now. While the circuit is open that is a probe.
func (c *circuit) lets(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return true
	}
	if now.Before(c.probeAt) {
		return false
	}
	c.probeAt = now.Add(probeEvery)
	return true
}

// failed notes a call without an answer.
func (c *circuit) failed(now time.Time, reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures++
	c.reason = reason
	if c.since.IsZero() && c.failures >= maxFailures {
		c.since, c.probeAt = now, now.Add(probeEvery)
		c.log.Warn("authorize endpoint does not answer: what it is asked about is unknown", "error", reason)
	}
}

// worked notes an answer.
func (c *circuit) worked(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures = 0
	if !c.since.IsZero() {
		c.log.Info("authorize endpoint answers again", "after", now.Sub(c.since))
		c.since = time.Time{}
	}
}

// remark says that the circuit is open, and why. Empty: it is closed.
func (c *circuit) remark() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return ""
	}
	return fmt.Sprintf("the authorize endpoint does not answer (%v): what it is asked about is unknown", c.reason)
}
