package presence

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// outgoing is a message that asks for an answer, and what to do with that. The event that answered
// returns, if it isn't nil, is reported.
type outgoing struct {
	message  request
	answered func(*reply) Event
}

// source is one thing that the server should know.
type source interface {
	// next returns a message if the server was told something else, or nothing, on this connection.
	next() *outgoing
	// reset forgets what the server was told: the connection has ended.
	reset()
}

// outbox decides what is sent next. Nothing is queued: each source knows the difference between
// what the server should know and what it was told. So ten changes that wait become one message,
// and a reconnect is a reset.
type outbox struct {
	sources []source // those that come first are asked first
	bucket  bucket
	answers map[string]func(*reply) Event
	req     int
}

const (
	refusedPause  = time.Second // at least; at most twice that
	maxUnanswered = 1000        // a server that takes 5 s for each answer stays below 200
)

// begin is a new connection.
func (o *outbox) begin(now time.Time) {
	for _, s := range o.sources {
		s.reset()
	}
	o.bucket = bucket{tokens: burst, at: now}
	o.answers = make(map[string]func(*reply) Event)
}

// next returns a message, or for how long the rate allows none; neither: there is nothing to say.
func (o *outbox) next(now time.Time) (*request, time.Duration) {
	if wait := o.bucket.wait(now); wait > 0 {
		return nil, wait
	}
	for _, s := range o.sources {
		if out := s.next(); out != nil {
			o.bucket.tokens--
			o.req++
			out.message.Req = strconv.Itoa(o.req)
			o.answers[out.message.Req] = out.answered
			return &out.message, 0
		}
	}
	return nil, 0
}

// answer gives a reply to the source that it is for.
func (o *outbox) answer(now time.Time, r *reply) Event {
	answered := o.answers[r.Req]
	if answered == nil {
		return nil
	}
	delete(o.answers, r.Req)
	if refused := r.refusal(); refused != nil && refused.Repeatable() {
		o.bucket.pausedUntil = now.Add(refusedPause + rand.N(refusedPause))
	}
	return answered(r)
}

// The server allows 20 messages a second and 100 at once; the rest is for what the network bunches
// together.
const (
	burst     = 80
	perSecond = 16
)

// bucket keeps the client to the server's message rate.
type bucket struct {
	tokens      float64
	at          time.Time
	pausedUntil time.Time
}

// wait returns how long until a message may be sent; 0: now.
func (b *bucket) wait(now time.Time) time.Duration {
	if now.Before(b.pausedUntil) {
		return b.pausedUntil.Sub(now)
	}
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*perSecond)
	b.at = now
	if b.tokens >= 1 {
		return 0
	}
	return max(time.Millisecond, time.Duration((1-b.tokens)/perSecond*float64(time.Second)))
}
