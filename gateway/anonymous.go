package gateway

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
)

// anonymousUnit is for how many bytes an answer counts as one more.
const anonymousUnit = 4 << 10

// heldFor is how long a refusal is held back from who was told before: on one connection it then
// comes once a second, and not a thousand times.
const heldFor = time.Second

// counts reports whether answers to an address are rated: a proxy's own are many clients'.
func (e *entrance) counts(a netip.Addr) bool {
	return a.IsValid() && !e.limits.TrustedProxies.Contains(a)
}

// pay counts n answers to an address that has shown no good token, and returns 0 or how long to
// wait until they are within the rate. One that counts for more than the burst takes all of it, or
// it would never be given.
func (e *entrance) pay(a netip.Addr, n int) time.Duration {
	if !e.counts(a) {
		return 0
	}
	return e.anonymous.take(admit.Key(a).String(), min(n, e.limits.AnonymousBurst), time.Now())
}

// mayBeMany reports whether an address may be a proxy's that nobody has named, so that browsers
// behind it, which show their token in hello and ask before requests without one, don't pay for one
// another.
func mayBeMany(a netip.Addr) bool { return admit.Near(a) }

// spent reports whether an address has no answer left.
func (e *entrance) spent(a netip.Addr) bool {
	return e.counts(a) && !mayBeMany(a) && e.anonymous.spent(admit.Key(a).String(), time.Now())
}

func (e *entrance) errTooFast() error {
	e.tooFast.Add(1)
	return wire.Errorf(wire.RateLimited, "more than %v answers a second to your address without a good token; wait "+
		"as long as Retry-After says", e.limits.AnonymousRate)
}

// payOpen counts an answer of that many bytes for which no token is needed.
func (c *call) payOpen(bytes int) error {
	if c.wait = c.s.entrance.pay(c.client, 1+bytes/anonymousUnit); c.wait > 0 {
		return c.s.entrance.errTooFast()
	}
	return nil
}

// rateAnonymous counts the refusal err if no good token came with the request. Beyond the rate that
// is all that the client is told, after a while.
func (c *call) rateAnonymous(err error) error {
	if err == nil || c.who.Participant != "" {
		return err
	}
	if c.wait == 0 {
		if c.wait = c.s.entrance.pay(c.client, 1); c.wait == 0 {
			return err
		}
		err = c.s.entrance.errTooFast()
	}
	c.holdBack()
	return err
}

// holdBack waits before a refusal. A large header isn't kept for it.
func (c *call) holdBack() {
	e := c.s.entrance
	slot := e.holding
	if c.headerBytes() > e.limits.MaxHeaderBytes {
		slot = nil
	}
	select {
	case slot <- struct{}{}:
	default:
		c.w.Header().Set("Connection", "close")
		return
	}
	defer func() { <-e.holding }()
	e.held.Add(1)
	wait := time.NewTimer(heldFor)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-c.r.Context().Done():
	case <-c.s.draining:
	}
}

// ratePreflights counts a browser's questions before its requests, which never carry a token and
// which package cors answers.
func (s *Server) ratePreflights(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		from := s.entrance.client(r)
		wait := s.entrance.pay(from, 1)
		if wait == 0 || mayBeMany(from) {
			next.ServeHTTP(w, r)
			return
		}
		s.entrance.tooFast.Add(1)
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter(wait)))
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusTooManyRequests)
	})
}
