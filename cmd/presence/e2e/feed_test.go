package e2e

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// frame is one message from the server: a WebSocket text frame, or an event of
// a stream. It has every field that the contract knows.
type frame struct {
	Type                string            `json:"type"`
	Req                 string            `json:"req"`
	ParticipantID       string            `json:"participant_id"`
	DeviceID            string            `json:"device_id"`
	HeartbeatIntervalMS int64             `json:"heartbeat_interval_ms"`
	Node                string            `json:"node"`
	Features            []string          `json:"features"`
	States              map[string]string `json:"states"`
	State               string            `json:"state"`
	Override            string            `json:"override"`

	Statuses      map[string]*status `json:"statuses"`
	Status        *status            `json:"status"`
	OverrideUntil *time.Time         `json:"override_expires_at"`
	Busy          []string           `json:"busy"`

	Code    string `json:"code"`
	Message string `json:"message"`
	AfterMS int64  `json:"after_ms"`

	raw string
	at  time.Time
}

// feed is all that a connection has received so far.
type feed struct {
	name string

	mu     sync.Mutex
	frames []frame
	ended  error         // why the connection ended
	more   chan struct{} // closed and replaced when something is added
	events int           // frames before it have been awaited as events
	answer int           // frames before it have been awaited as answers
}

func newFeed(name string) *feed { return &feed{name: name, more: make(chan struct{})} }

func (f *feed) add(fr frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.frames = append(f.frames, fr)
	close(f.more)
	f.more = make(chan struct{})
}

func (f *feed) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = err
	close(f.more)
	f.more = make(chan struct{})
}

// scan looks for the next frame after the cursor that matches, and moves the
// cursor behind it.
func (f *feed) scan(cursor *int, match func(frame) bool) (fr frame, ok bool, more <-chan struct{}, ended error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := *cursor; i < len(f.frames); i++ {
		if match(f.frames[i]) {
			*cursor = i + 1
			return f.frames[i], true, nil, nil
		}
	}
	return frame{}, false, f.more, f.ended
}

// await gives the next frame that matches, of those that came after the last
// one that was awaited.
func (f *feed) await(t testing.TB, what string, match func(frame) bool) frame {
	t.Helper()
	return f.awaitFrom(t, &f.events, what, match)
}

// awaitAnswer gives the frame with that req. An event may come before an answer
// or after it, so the two don't wait for each other.
func (f *feed) awaitAnswer(t testing.TB, req string) frame {
	t.Helper()
	return f.awaitFrom(t, &f.answer, "answer to "+req, func(fr frame) bool { return fr.Req == req })
}

func (f *feed) awaitFrom(t testing.TB, cursor *int, what string, match func(frame) bool) frame {
	t.Helper()
	timeout := time.After(patience)
	for {
		fr, ok, more, ended := f.scan(cursor, match)
		if ok {
			return fr
		}
		if ended != nil {
			t.Fatalf("%s ended before %s: %v; it had received %.900s", f.name, what, ended, f.text())
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("%s: no %s within %v; it had received %.900s", f.name, what, patience, f.text())
		}
	}
}

// awaitState waits until the viewer is told that id is in that state.
func (f *feed) awaitState(t testing.TB, id, state string) frame {
	t.Helper()
	return f.await(t, id+" "+state, func(fr frame) bool {
		return fr.Type == "presence" && fr.Req == "" && fr.States[id] == state
	})
}

// history lists the states of id that were delivered, from the snapshot on.
func (f *feed) history(id string) []string {
	var states []string
	for _, fr := range f.all() {
		if s, ok := fr.States[id]; ok && fr.Type == "presence" {
			states = append(states, s)
		}
	}
	return states
}

func (f *feed) wantHistory(t testing.TB, id string, want ...string) {
	t.Helper()
	if got := f.history(id); !slices.Equal(got, want) {
		t.Errorf("%s was told about %s: %q, want %q", f.name, id, got, want)
	}
}

func (f *feed) all() []frame {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.frames)
}

func (f *feed) text() string {
	var s string
	for _, fr := range f.all() {
		s += "\n  " + fr.raw
	}
	return s
}

// awaitEnd waits until the server has closed the connection, and says why.
func (f *feed) awaitEnd(t testing.TB) error {
	t.Helper()
	timeout := time.After(patience)
	for {
		f.mu.Lock()
		ended, more := f.ended, f.more
		f.mu.Unlock()
		if ended != nil {
			return ended
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("%s is still open after %v; it had received %.900s", f.name, patience, f.text())
		}
	}
}

// fence shows that nothing is under way. A watched participant of its own
// changes, twice; a feed that has been told of both would have been told of
// whatever the server had to say before.
type fence struct {
	id string
	c  caller
	on bool
}

// newFence makes one; tests watch its id beside those they are about.
func newFence(s *server) *fence {
	id := who("fence")
	return &fence{id: id, c: s.as(id)}
}

func (f *fence) pass(t testing.TB, feeds ...*feed) {
	t.Helper()
	for range 2 {
		f.on = !f.on
		want := "offline"
		if f.on {
			want = "online"
			f.c.beat(t, "post", "online")
		} else {
			f.c.signOut(t, "post")
		}
		for _, fd := range feeds {
			fd.awaitState(t, f.id, want)
		}
	}
}
