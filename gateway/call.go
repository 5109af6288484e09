package gateway

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// keptBytes is the largest piece of memory that one request leaves to another. What is larger is
// the collector's: a crowd of large requests would leave so much of it that it never went.
const keptBytes = 64 << 10

// keep leaves what is small enough to the next request. Of a request that was refused the ids may
// be anywhere in their memory, and each keeps the text that it is a part of.
func (s *scratch) keep(refused bool) {
	clear(s.ids)
	if refused {
		s.ids = nil
	}
	*s = scratch{
		body: small(s.body, 1), out: small(s.out, 1),
		ids: small(s.ids, 16), states: small(s.states, 1), set: idSet{small(s.set.slots, 4)},
	}
	scratches.Put(s)
}

// small is b, or nil if it is more than keptBytes. An element has so many bytes.
func small[E any](b []E, each int) []E {
	if cap(b)*each > keptBytes {
		return nil
	}
	return b
}

func (c *call) device() string { return c.params[1] }

// tenant is the one that the call is about: it names participants of no other.
func (c *call) tenant() tenant.Name { return c.who.Participant.Tenant() }

// reading bounds the wait for owners to answer.
func (c *call) reading() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.r.Context(), c.s.config.Limits.ReadWait)
}

// writing bounds the wait for owners to take a write.
func (c *call) writing() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.r.Context(), c.s.config.Limits.WriteWait)
}

// json answers with body, which may be c.out.
func (c *call) json(body []byte) error {
	c.send(http.StatusOK, "application/json", append(body, '\n'))
	return nil
}

// done answers that there is nothing to say.
func (c *call) done() error {
	c.status = http.StatusNoContent
	c.w.Header()["Cache-Control"] = noStore
	c.w.WriteHeader(c.status)
	return nil
}

var (
	noStore = []string{"no-store"}
	noSniff = []string{"nosniff"}
)

func (c *call) send(status int, mediaType string, body []byte) {
	h := c.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if h["Cache-Control"] == nil {
		h["Cache-Control"] = noStore // a state is old once it has been told
	}
	h["X-Content-Type-Options"] = noSniff
	c.status = status
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // a client that has gone is noticed by net/http
}

// refuse answers with a problem.
func (c *call) refuse(e *wire.Error) {
	c.s.metrics.rejected(e.Code)
	h := c.w.Header()
	switch e.Code {
	case wire.Unauthorized:
		h.Set("WWW-Authenticate", challenge(c.r))
	case wire.RateLimited:
		h.Set("Retry-After", strconv.Itoa(retryAfter(c.wait)))
	case wire.Unavailable:
		h.Set("Retry-After", strconv.Itoa(retryAfter(c.again)))
	}
	c.tellTrace(e.Status())
	c.send(e.Status(), wire.ProblemType, e.AppendProblem(c.out[:0]))
}

// retryAfter is how many seconds to wait, rounded up, so that who obeys is let in.
func retryAfter(wait time.Duration) int {
	return max(1, int((wait+time.Second-1)/time.Second))
}

// challenge is RFC 6750's: an error is named only to a client that has sent a token.
func challenge(r *http.Request) string {
	if r.Header.Get("Authorization") == "" {
		return "Bearer"
	}
	return `Bearer error="invalid_token"`
}

// markUnknown counts the states that could not be told, in a header.
func (c *call) markUnknown(states []shard.State) {
	n := 0
	for _, s := range states {
		if s == shard.Unknown {
			n++
		}
	}
	if n > 0 {
		c.w.Header().Set("Presence-Unknown", strconv.Itoa(n))
	}
}
