package hub

import (
	"slices"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// A status, and what makes a participant busy, are of interest to few who watch. So a topic keeps
// them only while someone watches it with status, and a viewer beside its subscriptions.

// unsaid is what a subscription was sent of a status that waits for its Commit.
var unsaid = new(shard.Status)

// sameStatus reports whether two statuses are alike; nil: none.
func sameStatus(a, b *shard.Status) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// given is a status, nil if it is none.
func given(s *shard.Status) *shard.Status {
	if *s == (shard.Status{}) {
		return nil
	}
	return s
}

// nothing is what those say who say nothing.
var nothing = new(shard.Sayings)

func orNothing(s *shard.Sayings) *shard.Sayings {
	if s == nil {
		return nothing
	}
	return s
}

func sameSayings(a, b *shard.Sayings) bool {
	return a == b || a.PublicStatus == b.PublicStatus && a.InnerStatus == b.InnerStatus &&
		a.OverrideUntil == b.OverrideUntil && slices.Equal(a.Claims, b.Claims)
}

// inform compares what is said in a topic's view with what was said before, and reports whether it
// differs. What is alike stays the same piece of memory: those who were sent it compare it. was is
// the public state before. The caller holds lot.mu.
func (h *Hub) inform(t *topic, said *shard.Sayings, was shard.State) (differs bool) {
	before, now := orNothing(said), orNothing(t.view.Sayings)
	if differs = !sameSayings(before, now); !differs {
		t.view.Sayings = said
	}
	var parts Part
	if was != t.view.Public {
		parts = StateChanged
	}
	if before.PublicStatus != now.PublicStatus {
		parts |= StatusChanged
	}
	h.encodeFuller(t, parts)
	return differs
}

// encodeFuller makes the message for those with status who have seen what everyone did, and do. Of
// parts there may be none. The caller holds lot.mu.
func (h *Hub) encodeFuller(t *topic, parts Part) {
	if t.readers < 2 || parts == 0 {
		t.fuller.Store(nil)
		return
	}
	c := Change{Of: tenant.Participant(t.id), Parts: parts | WithStatus, State: t.view.Public}
	if parts&StatusChanged != 0 {
		c.Status = given(&orNothing(t.view.Sayings).PublicStatus)
	}
	t.fuller.Store(&frame{parts: c.Parts, state: c.State, status: c.Status, bytes: h.encode(nil, &c)})
}

// read makes a watcher of the topic one with status. The caller holds lot.mu.
func (t *topic) read() { t.readers++ }

// unread is the end of that. The caller holds lot.mu.
func (t *topic) unread() {
	if t.readers--; t.readers == 0 {
		t.view.Sayings = nil
		t.fuller.Store(nil)
	}
}

// self is how the participant sees itself. The caller holds lot.mu.
func (t *topic) self(state shard.State) Self {
	return Self{State: state, Override: t.view.Override, Sayings: t.view.Sayings}
}

func (s *Self) same(o *Self) bool {
	if s.State != o.State || s.Override != o.Override {
		return false
	}
	a, b := orNothing(s.Sayings), orNothing(o.Sayings)
	return a == b || a.OverrideUntil == b.OverrideUntil && a.InnerStatus == b.InnerStatus &&
		slices.EqualFunc(a.Claims, b.Claims, sameSource)
}

// sameSource reports whether two claims are of one source: a participant isn't told of their ends.
func sameSource(a, b shard.Claim) bool { return a.Source == b.Source }

// fill makes a subscription one with status, of which nothing is told before Commit. The caller
// holds lot.mu.
func (v *Viewer) fill(t *topic, place uint32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := &v.subs[place]
	if s.full {
		return
	}
	s.full = true
	if missing := len(v.subs) - len(v.statuses); missing > 0 {
		v.statuses = append(v.statuses, make([]toldStatus, missing)...)
	}
	v.statuses[place] = toldStatus{unsaid, unsaid}
	t.read()
}

// wants notes the status that is to be told, and reports whether it differs from what was.
func (d *toldStatus) wants(s *shard.Status) bool {
	d.want = s
	return d.sent != unsaid && !sameStatus(d.sent, s)
}

// take counts what is wanted as sent.
func (d *toldStatus) take() (changed Part) {
	if d.sent == unsaid || sameStatus(d.sent, d.want) {
		return 0
	}
	d.sent = d.want
	return StatusChanged
}

// hush has nothing told of a subscription until it is marked again. The caller holds mu.
func (v *Viewer) hush(place int) {
	s := &v.subs[place]
	s.want = s.sent
	if s.full {
		v.statuses[place].want = v.statuses[place].sent
	}
}
