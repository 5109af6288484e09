package authorize

import (
	"context"
	"time"

	"github.com/scaiwave/presence/gateway/tenant"
)

// maxBatch is how many ids one call asks about.
const maxBatch = 1000

// rounds is how often a question is asked that Forget has made stale meanwhile.
const rounds = 3

// Ask fills answers, of the same length as list, with what the backend says of each participant and
// the viewer, which is of the same tenant. It waits for the endpoint until ctx ends; what isn't
// answered then is NotKnown. An empty viewer is a stranger, who may see all that strangers see.
func (c *Client) Ask(ctx context.Context, who tenant.Participant, list tenant.List, answers []Answer) {
	viewer, ids := string(who), list.Keys()
	left := make([]int, 0, len(ids))
	for i, id := range ids {
		answers[i] = Answer{Allowed, Forever}
		if viewer != "" && viewer != id {
			left = append(left, i)
		}
	}
	for range rounds {
		if left = c.askOnce(ctx, viewer, ids, answers, left); len(left) == 0 {
			return
		}
	}
}

// askOnce answers the ids at places, and returns those whose answer was stale when it came.
func (c *Client) askOnce(ctx context.Context, viewer string, ids []string, answers []Answer, places []int) []int {
	if len(places) == 0 {
		return nil
	}
	seats := c.board(viewer, ids, answers, places)
	if seats == nil {
		return nil
	}
	var stale []int
	for i, place := range places {
		s := seats[i]
		if s.of == nil {
			continue
		}
		select {
		case <-s.of.done:
		case <-ctx.Done():
		}
		if answers[place] = c.land(s); answers[place].Verdict == NotKnown && c.isStale(s.of) {
			stale = append(stale, place)
		}
	}
	return stale
}

// board answers what is kept, and finds or begins a flight for the rest. seats is as long as
// places, and nil if all is kept.
func (c *Client) board(viewer string, ids []string, answers []Answer, places []int) (seats []seat) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	of := c.kept.of(viewer)
	var next *flight
	for i, place := range places {
		id := ids[place]
		if a, ok := of.find(&c.kept, id, now); ok {
			answers[place] = a
			continue
		}
		if seats == nil {
			seats = make([]seat, len(places))
		}
		s, underWay := c.flights[viewer][id]
		if !underWay {
			if next == nil || len(next.ids) == maxBatch {
				c.begin(next)
				next = &flight{viewer: viewer, done: make(chan struct{})}
			}
			s = c.seatIn(next, id)
		}
		seats[i] = s
	}
	c.begin(next)
	return seats
}

// seatIn puts an id into a flight that hasn't begun. The caller holds mu.
func (c *Client) seatIn(f *flight, id string) seat {
	s := seat{f, len(f.ids)}
	f.ids = append(f.ids, id)
	if c.flights[f.viewer] == nil {
		c.flights[f.viewer] = make(map[string]seat)
	}
	c.flights[f.viewer][id] = s
	return s
}

// begin sends a flight on its way, if there is one. It outlives those who wait for it: what comes
// is kept. The caller holds mu.
func (c *Client) begin(f *flight) {
	if f != nil {
		c.running.Go(func() { c.fly(f) })
	}
}

// fly calls the endpoint, and keeps what it says.
func (c *Client) fly(f *flight) {
	allowed, kept := c.call(f)
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(f.done)
	if f.stale {
		return
	}
	c.leave(f)
	if allowed == nil {
		return
	}
	f.allowed, f.until = allowed, now.Add(kept)
	for i, id := range f.ids {
		c.kept.add(f.viewer, id, allowed[i], f.until, now)
	}
}

// leave takes a flight out of those that are under way. The caller holds mu.
func (c *Client) leave(f *flight) {
	for _, id := range f.ids {
		delete(c.flights[f.viewer], id)
	}
	if len(c.flights[f.viewer]) == 0 {
		delete(c.flights, f.viewer)
	}
}

// land is what a flight says of one of its ids, so far.
func (c *Client) land(s seat) Answer {
	select {
	case <-s.of.done:
	default:
		return notKnown(time.Now())
	}
	switch {
	case s.of.allowed == nil:
		return notKnown(time.Now())
	case s.of.allowed[s.at]:
		return Answer{Allowed, s.of.until}
	default:
		return Answer{Denied, s.of.until}
	}
}

// isStale reports whether a flight has landed, and brings nothing because of Forget.
func (c *Client) isStale(f *flight) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-f.done:
		return f.stale
	default:
		return false
	}
}

// Forget drops what is kept of viewers, by their inner ids. A caller that asks after it has
// returned is told what the backend says from now on.
func (c *Client) Forget(viewers []string) {
	c.counters.forgotten.Add(int64(len(viewers)))
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, viewer := range viewers {
		c.kept.drop(viewer)
		for _, s := range c.flights[viewer] {
			s.of.stale = true
		}
		delete(c.flights, viewer)
	}
}
