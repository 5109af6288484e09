package presence

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Client is one device of a participant, or a watcher, on a WebSocket. Its methods are safe for any
// goroutine.
type Client struct {
	config Config
	poke   chan struct{} // one slot: there may be something to send

	mu       sync.Mutex
	started  bool
	outbox   outbox
	picks    picks // of an override
	says     picks // of a status
	pulse    pulse
	interest interest
	self     Self
}

// New returns a client that has no connection before Run.
func New(config Config) *Client {
	c := &Client{
		config:   config,
		poke:     make(chan struct{}, 1),
		pulse:    pulse{watcher: config.Device == "", activity: config.activity()},
		interest: interest{topics: make(map[string]*topic), statuses: config.Statuses},
	}
	c.outbox.sources = []source{&c.picks, &c.says, &c.pulse, &c.interest}
	return c
}

// Watch adds to the participants that are watched: up to 5,000, before Run or while it runs. Their
// states come as events. When an id can't be watched the error says why, and none of them is.
func (c *Client) Watch(ids ...string) error {
	defer c.stir()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.interest.add(ids)
}

// Unwatch ends the watching of ids.
func (c *Client) Unwatch(ids ...string) {
	defer c.stir()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interest.remove(ids)
}

// State returns the latest known state of a watched participant; Unknown when there is none.
func (c *Client) State(id string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.interest.state(id)
}

// Status returns what a watched participant says of itself, as far as it is known; nil: nothing.
// It takes a Config with Statuses.
func (c *Client) Status(id string) *Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.interest.status(id)
}

// SetActivity is what the device reports from now on: Online or Idle.
func (c *Client) SetActivity(activity string) {
	defer c.stir()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulse.activity = activity
}

// SetOverride picks Busy, AppearOffline or Auto for the participant, and returns when the server
// has acknowledged it. Until then it is sent again after each reconnect, also when ctx has ended;
// of several picks the latest alone. It waits for Run to begin, and fails when Run has ended.
// Call it on another goroutine than the one that handles events. After an end it is Auto; what
// was to last For a time that is over before the server could be told fails, and isn't sent.
func (c *Client) SetOverride(ctx context.Context, override string, end ...End) error {
	e := first(end)
	return c.pick(ctx, &c.picks, e, func(since time.Duration) request {
		return request{Type: "override", Override: override, given: e.given(since)}
	})
}

// SetStatus says something of the participant, in place of what was said before; as SetOverride.
// The end counts if s has none.
func (c *Client) SetStatus(ctx context.Context, s Status, end ...End) error {
	e := s.end(end)
	return c.pick(ctx, &c.says, e, func(since time.Duration) request {
		return request{Type: "status", Status: saying{Text: s.Text, Emoji: s.Emoji, given: e.given(since)}}
	})
}

// ClearStatus ends what the participant says; as SetOverride.
func (c *Client) ClearStatus(ctx context.Context) error {
	return c.pick(ctx, &c.says, End{}, func(time.Duration) request {
		return request{Type: "status", Status: json.RawMessage("null")}
	})
}

func (c *Client) pick(
	ctx context.Context, p *picks, end End, message func(since time.Duration) request,
) error {
	c.mu.Lock()
	o := p.set(end, message)
	c.mu.Unlock()
	c.stir()
	return o.wait(ctx)
}

// stir wakes the writer, if there is a connection.
func (c *Client) stir() {
	select {
	case c.poke <- struct{}{}:
	default:
	}
}

// hello is the next connection's first message.
func (c *Client) hello(token string) request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.config.hello(token, c.pulse.activity)
}

// begin is a welcome to a hello that told this activity.
func (c *Client) begin(w Welcome, told string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outbox.begin(time.Now())
	c.interest.full = c.interest.statuses && slices.Contains(w.Features, "status")
	c.pulse.begin(w.Participant, told)
}

func (c *Client) beat() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulse.due = true
}

// next returns a message to send, or for how long to wait unless poked: for ever when it is 0.
func (c *Client) next() (message *request, wait time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	by := c.pulse.replyBy
	if (!by.IsZero() && !now.Before(by)) || len(c.outbox.answers) > maxUnanswered {
		return nil, 0, errSilent
	}
	message, wait = c.outbox.next(now)
	if message == nil && !by.IsZero() && (wait == 0 || by.Sub(now) < wait) {
		wait = by.Sub(now)
	}
	return message, wait, nil
}

// receive takes a message of the server and returns the event that it is, or nil.
func (c *Client) receive(r *reply) Event {
	defer c.stir()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulse.replyBy = time.Time{}
	event := c.outbox.answer(time.Now(), r)
	switch r.Type {
	case "presence":
		if changed := c.interest.apply(r); changed != nil {
			event = changed
		}
	case "self":
		if s := r.self(); !s.same(&c.self) {
			c.self, event = s, s
		}
	case "error": // the close code says more of a token that is refused
		if r.Req == "" && r.Code != codeUnauthorized && !r.refusal().Repeatable() {
			event = r.refusal()
		}
	case "reconnect":
		event = Reconnect{milliseconds(r.AfterMS)}
	}
	return event
}

// forget makes what is known Unknown, and returns the event that it is, or nil.
func (c *Client) forget() Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.interest.forget()
}

// start reports whether this is the first time.
func (c *Client) start() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.started
	c.started = true
	return first
}

// end fails the pick that waits, and those to come.
func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range []*picks{&c.picks, &c.says} {
		p.over = err
		p.end(err)
	}
}
