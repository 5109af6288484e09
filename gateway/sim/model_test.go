package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The timings of API.md, as the model knows them; slack is for the network, a tick, and clocks that
// drift.
const (
	deadline = 65 * time.Second
	linger   = 10 * time.Second
	dmWindow = 24 * time.Hour
	tick     = 100 * time.Millisecond
	slack    = 700 * time.Millisecond // see model.slack

	// quickly is how fast an answer comes that rests on two nodes. A join or a flip is also
	// answered, later, if the backup doesn't: that one may be lost with its owner.
	quickly = 400 * time.Millisecond
	// stray is for how long a call that failed may still be carried out: it may wait in a stream.
	stray = 20 * time.Second
	// settling is how long after a fault until everybody agrees again.
	settling = 20 * time.Second
	// answering is how long after a fault, or its end, until questions are answered again: API.md
	// has 4 s.
	answering = 5 * time.Second
	// meeting is how long after a cut until its sides have found each other: gossip looks every 5
	// to 10 s.
	meeting = 15 * time.Second
)

// states is a set of states.
type states uint8

const (
	offline states = 1 << iota
	idle
	online
	busy
	appearOffline
	unknown
)

var stateNames = []string{"offline", "idle", "online", "busy", "appear_offline", "unknown"}

func stateOf(name string) states { return 1 << slices.Index(stateNames, name) }

func (s states) String() string {
	var names []string
	for i, n := range stateNames {
		if s&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, "|")
}

// person is a participant.
type person struct {
	id       string
	prefix   bool // the id is an AI's, unless it is registered as something else
	ai       *fact[bool]
	devices  map[string]*device
	override *fact[string]
	windows  map[string]*fact[bool] // by the other
	opened   map[string]time.Duration
	erasures []*op[bool]
	audience
	said
}

// fault is something that was done to nodes.
type fault struct {
	what       string
	start, end time.Duration // end: 0 while it lasts
	paused     time.Duration // for how long a node stood still
	planned    bool          // nobody may notice
	split      bool          // some nodes could not reach others
	double     bool          // owner and backup of something may be gone

	// of what is neither well nor dead; see broken_test.go
	deaf   string        // the address of a node that reaches no other one any more
	vague  time.Duration // for how long from its beginning on a sign of life may be answered and lost all the same
	taking time.Duration // after so long writes are taken again, by all but the deaf; 0: that isn't promised
}

// model says what viewers may see.
type model struct {
	people map[string]*person
	faults []*fault
	mixed  bool          // some nodes are of the version before
	slack  time.Duration // how late, or early, what has a time may come
}

func newModel(ids []string) *model {
	m := &model{people: make(map[string]*person), slack: slack}
	for _, id := range ids {
		ai := strings.HasPrefix(id, "model:")
		m.people[id] = &person{
			id: id, prefix: ai, ai: newFact(ai), devices: make(map[string]*device), override: newFact("auto"),
			windows: make(map[string]*fact[bool]), opened: make(map[string]time.Duration),
			audience: newAudience(), said: newSaid(),
		}
	}
	return m
}

func (m *model) device(id, name string) *device {
	p := m.people[id]
	if p.devices[name] == nil {
		p.devices[name] = &device{activity: newFact(online), open: make(map[*session]bool)}
	}
	return p.devices[name]
}

func (m *model) window(id, other string) *fact[bool] {
	p := m.people[id]
	if p.windows[other] == nil {
		p.windows[other] = newFact(false)
	}
	return p.windows[other]
}

// troubled says whether there was a fault, or its aftermath, between two times.
func (m *model) troubled(from, to time.Duration) bool {
	return slices.ContainsFunc(m.faults,
		func(f *fault) bool { return f.start <= to && (f.end == 0 || f.end+settling >= from) })
}

// beforeTrouble is the beginning of the earliest fault whose aftermath there is after a time, or
// that time.
func (m *model) beforeTrouble(from, to time.Duration) time.Duration {
	since := from
	for _, f := range m.faults {
		if f.start <= to && (f.end == 0 || f.end+settling+heartbeatEvery >= from) {
			since = min(since, f.start-time.Second)
		}
	}
	return since
}

func (m *model) paused(from, to time.Duration) (sum time.Duration) {
	for _, f := range m.faults {
		if f.start <= to && (f.end == 0 || f.end+settling >= from) {
			sum += f.paused
		}
	}
	return sum
}

// since is from when on what was so may still be seen: while nodes don't reach each other, what was
// before, and for a while after.
func (m *model) since(from, to, after time.Duration) time.Duration {
	for _, f := range m.faults {
		if f.split && f.start <= to && (f.end == 0 || f.end+after >= from) {
			from = min(from, f.start-time.Second)
		}
	}
	return from
}

// mayBeUnknown says whether questions at an address may not be answered yet.
func (m *model) mayBeUnknown(address string, from, to time.Duration) bool {
	return slices.ContainsFunc(m.faults, func(f *fault) bool {
		if f.deaf != "" && f.deaf == address && f.start <= to && (f.end == 0 || from <= f.end+answering) {
			return true
		}
		if f.planned {
			return false
		}
		if f.split && f.start <= to && (f.end == 0 || from <= f.end+meeting) {
			return true // of what both its holders are at the other side
		}
		last := f.start + answering
		if f.end > 0 {
			last = f.end + answering
		}
		if f.double {
			last = f.start + deadline + 2*settling
		}
		during := f.start <= to && from <= f.start+answering
		after := f.end > 0 && f.end <= to && from <= f.end+answering
		return during || after || f.double && f.start <= to && from <= last
	})
}

func (m *model) split(from, to time.Duration) bool {
	return slices.ContainsFunc(m.faults,
		func(f *fault) bool { return f.split && f.start <= to && (f.end == 0 || f.end+settling >= from) })
}

// longSplit says whether nodes have not reached each other for so long that each side may have
// given up who is at the other.
func (m *model) longSplit(from, to time.Duration) bool {
	return slices.ContainsFunc(m.faults, func(f *fault) bool {
		lasted := to - f.start
		if f.end > 0 {
			lasted = f.end - f.start
		}
		return f.split && lasted > deadline/2-5*time.Second && f.start <= to && (f.end == 0 || f.end+settling >= from)
	})
}

// sees is what a viewer may see of somebody at some time between two; an empty viewer is a
// stranger.
func (m *model) sees(viewer, id string, from, to time.Duration) (may states) {
	p := m.people[id]
	from = m.since(from, to, settling)
	kinds := p.ai.during(from, to)
	if m.split(from, to) { // whoever holds the registration may be at the other side
		kinds = with(kinds, p.prefix)
	}
	denies, shuts := p.denies(m, viewer, from, to), p.shuts(m, viewer, from, to)
	for _, ai := range kinds {
		if slices.Contains(denies, true) || !ai && slices.Contains(shuts, true) {
			may |= p.unseen()
		}
		switch {
		case !slices.Contains(denies, false):
		case ai:
			may |= online
		case slices.Contains(shuts, false):
			may |= p.seen(m, viewer, from, to)
		}
	}
	return may
}

// seen is what a viewer may see of a person.
func (p *person) seen(m *model, viewer string, from, to time.Duration) (may states) {
	inner := p.inner(m, from, to)
	for _, o := range p.override.during(from, to) {
		switch {
		case o == "auto":
			claimed := p.claimed(m, from, to)
			if slices.Contains(claimed, true) {
				may |= busyOr(inner)
			}
			if slices.Contains(claimed, false) {
				may |= inner
			}
		case o == "busy":
			may |= busyOr(inner)
		case viewer == p.id:
			may |= inner & offline
			if inner&^offline != 0 {
				may |= appearOffline
			}
		default:
			for _, open := range p.window(m, viewer, from, to) {
				if open {
					may |= inner
				} else {
					may |= offline
				}
			}
		}
	}
	return may
}

func (p *person) window(m *model, viewer string, from, to time.Duration) []bool {
	f := p.windows[viewer]
	if f == nil {
		return []bool{false}
	}
	may := f.during(from, to)
	if m.split(from, to) { // its holders may be at the other side
		may = with(may, false)
	}
	if m.unswept(p, m.people[viewer], from, to) {
		may = with(may, true)
	}
	if to > p.opened[viewer]+dmWindow-m.slack {
		may = with(may, false)
	}
	if from > p.opened[viewer]+dmWindow+m.slack {
		return []bool{false}
	}
	return may
}

// inner is what the devices of somebody make, whatever was picked.
func (p *person) inner(m *model, from, to time.Duration) states {
	may, sums := states(0), []states{offline}
	split := m.split(from, to)
	left, surely := false, false
	for _, d := range p.devices {
		var each []states
		must, perhaps := d.live(m, from, to)
		if !must || split {
			each = append(each, offline) // a node at the other side may not know of it
		}
		if perhaps {
			since := m.since(from, to, settling+heartbeatEvery) // it is right again by the next heartbeat
			if !must {
				since = m.beforeTrouble(since, to) // a node that stood still brings it back as it was
			}
			each = append(each, d.activity.during(since, to)...)
		}
		surely = surely || must
		left = left || d.left(m, from, to)
		var next []states
		for _, a := range sums {
			for _, b := range each {
				next = with(next, max(a, b)) // online is above idle, idle above offline
			}
		}
		sums = next
	}
	for _, s := range sums {
		may |= s
	}
	if surely && !left && !m.longSplit(from, to) {
		may &^= offline // who isn't known at one side is unknown there, unless it has left with another device
	}
	return may
}

func (f *fault) String() string { return fmt.Sprintf("%s at %v", f.what, f.start) }
