package e2e

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"time"
)

// person is a participant under the test's hand: what it did, and what the
// contract says that others see of it.
type person struct {
	c        caller
	devices  map[string]string // device to activity
	sockets  map[string]*socket
	override string
	kind     string
	last     sign // the latest sign of life
	shown    sign // the latest that a viewer without a window may know of
}

func newPerson(s *server, id string) *person {
	return &person{
		c: s.as(id), devices: map[string]string{}, sockets: map[string]*socket{},
		override: "auto", kind: "human",
	}
}

func (p *person) invisible() bool { return p.override == "appear_offline" }

// visible is the state that the contract's rules give a viewer.
func (p *person) visible(window bool) string {
	activities := slices.Collect(maps.Values(p.devices))
	switch {
	case p.kind != "human":
		return "online"
	case len(activities) == 0:
		return "offline"
	case p.override == "busy":
		return "busy"
	case p.invisible() && !window:
		return "offline"
	case slices.Contains(activities, "online"):
		return "online"
	}
	return "idle"
}

// alive does what is a sign of life. While the person is invisible it first
// lets the frozen last_seen fall behind, so that a leak would show.
func (p *person) alive(act func()) {
	for p.invisible() && time.Since(p.shown.to) < 2*coarse {
		time.Sleep(quickTick)
	}
	p.last = signOf(act)
	if !p.invisible() {
		p.shown = p.last
	}
}

// latest is the latest last_seen that may show. A server that stood still for over a second counts
// all who are there as heard that much later; from when they hide or go nothing moves.
func (p *person) latest() time.Time {
	if !p.invisible() && len(p.devices) > 0 {
		return time.Now().Add(coarse)
	}
	return p.shown.to.Add(coarse)
}

// beat shows a device alive, over its socket if it has one.
func (p *person) beat(t testing.TB, device, activity string) {
	t.Helper()
	p.alive(func() {
		if w := p.sockets[device]; w != nil {
			w.want(t, "ok", obj{"type": "heartbeat", "activity": activity})
		} else {
			p.c.beat(t, device, activity)
		}
	})
	p.devices[device] = activity
}

// beatInBatch is a heartbeat by the backend, in a list with others.
func (p *person) beatInBatch(t testing.TB, device, activity string) {
	t.Helper()
	p.alive(func() {
		var beats []obj
		for _, id := range []string{who("other"), p.c.token, who("other")} {
			beats = append(beats, obj{"participant_id": id, "device_id": device, "activity": activity})
		}
		r := p.c.s.as(service).do(t, "POST", "/v1/heartbeats", obj{"heartbeats": beats})
		if got := r.batch(t); got.Accepted != 3 {
			t.Fatalf("%s", r.body)
		}
	})
	p.devices[device] = activity
}

// connect opens a socket for a device, or another one if it has one: a reload.
func (p *person) connect(t testing.TB, device, activity string) {
	t.Helper()
	if w := p.sockets[device]; w != nil {
		w.cut()
	}
	p.alive(func() {
		p.sockets[device] = p.c.hello(t, obj{"device_id": device, "activity": activity})
	})
	p.devices[device] = activity
}

// leave signs a device out, by goodbye or by DELETE.
func (p *person) leave(t testing.TB, device string, goodbye bool) {
	t.Helper()
	w := p.sockets[device]
	if w != nil && goodbye {
		w.want(t, "ok", obj{"type": "goodbye"})
	} else {
		p.c.signOut(t, device)
	}
	if w != nil {
		w.wantClose(t, 1000)
	}
	delete(p.sockets, device)
	delete(p.devices, device)
	if !p.invisible() {
		p.shown.to = time.Now()
	}
}

// set picks an override, over any of the sockets if there is one.
func (p *person) set(t testing.TB, override string) {
	t.Helper()
	if override == "appear_offline" && !p.invisible() {
		defer func() { p.shown.to = time.Now() }()
	}
	p.override = override
	for _, device := range slices.Sorted(maps.Keys(p.sockets)) {
		p.sockets[device].want(t, "ok", obj{"type": "override", "override": override})
		return
	}
	p.c.override(t, override)
}

func (p *person) become(t testing.TB, kind string) {
	t.Helper()
	p.kind = kind
	p.c.s.register(t, p.c.token, kind)
}

// awakeFirst lists the devices so that signing them in, in this order, changes
// the state once; signing them out in the reverse order too.
func (p *person) awakeFirst() []string {
	return slices.SortedFunc(maps.Keys(p.devices), func(a, b string) int {
		if p.devices[a] != p.devices[b] {
			return -cmp.Compare(p.devices[a], p.devices[b]) // "online" after "idle"
		}
		return cmp.Compare(a, b)
	})
}

// leaveAll really signs the person out.
func (p *person) leaveAll(t testing.TB) {
	t.Helper()
	for _, device := range slices.Backward(p.awakeFirst()) {
		p.leave(t, device, false)
	}
}
