package shard

import (
	"maps"
	"slices"
)

// model is the rules of the wire contract written down as plainly as possible: what the core is
// compared with.
type model struct {
	set    *Settings
	now    Tick
	people map[string]*modelPerson
	erased map[string]int64 // Unix milliseconds: older messages count no more
}

type modelPerson struct {
	devices  map[string]*modelDevice
	lastSign Tick
	override Override
	frozen   Tick
	kind     Kind
	windows  map[string]int64
	edges    map[string]modelEdge
	blocks   map[string]bool
	set      Visibility
	said     modelSaid
	opaque   map[string]opaque // by kind and subkey
}

type modelEdge struct {
	allow bool
	until int64 // 0: it has no end
}

type modelDevice struct {
	live      bool
	signedOut bool
	activity  Activity
	session   Version
	lastSign  Tick
	linger    Tick // 0: its socket is open
	named     Tick // of the latest heartbeat by name in this session while it was live; 0: none
}

func newModel(set *Settings) *model {
	return &model{set: set, now: Origin, people: map[string]*modelPerson{}, erased: map[string]int64{}}
}

func (m *model) person(id string) *modelPerson {
	if m.people[id] == nil {
		m.people[id] = &modelPerson{
			devices: map[string]*modelDevice{}, windows: map[string]int64{},
			edges: map[string]modelEdge{}, blocks: map[string]bool{}, opaque: map[string]opaque{},
			said: modelSaid{claims: map[string]int64{}},
		}
	}
	return m.people[id]
}

func (m *model) device(id, dev string) *modelDevice {
	p := m.person(id)
	if p.devices[dev] == nil {
		p.devices[dev] = &modelDevice{}
	}
	return p.devices[dev]
}

func (p *modelPerson) liveCount() (n int) {
	for _, d := range p.devices {
		if d.live {
			n++
		}
	}
	return n
}

func (m *model) sign(id, dev string, a Activity) {
	d := m.device(id, dev)
	d.live, d.signedOut, d.linger, d.activity, d.lastSign = true, false, 0, a, m.now
	m.person(id).lastSign = m.now
}

// announce is a hello or a re-announcement.
func (m *model) announce(id, dev string, a Activity, session Version) Outcome {
	d := m.device(id, dev)
	switch {
	case d.signedOut && session <= d.session:
		return Gone
	case session < d.session:
		return Replaced
	case !d.live && m.person(id).liveCount() >= m.set.MaxDevices:
		return TooMany
	}
	m.sign(id, dev, a)
	if d.session != session {
		d.named = 0
	}
	d.session = session
	return Done
}

func (m *model) heartbeat(id, dev string, a Activity, stamp Version) Outcome {
	d := m.device(id, dev)
	if !d.live && m.person(id).liveCount() >= m.set.MaxDevices {
		return TooMany
	}
	if d.live && d.linger == 0 {
		d.named = m.now
	}
	if d.session == 0 || d.signedOut {
		d.session, d.named = stamp, 0
	}
	m.sign(id, dev, a)
	return Done
}

func (m *model) signOut(id, dev string, stamp Version) {
	d := m.device(id, dev)
	d.live, d.signedOut, d.session = false, true, max(stamp, d.session)
}

func (m *model) setOverride(id string, o Override) {
	p := m.person(id)
	if o == OverrideAppearOffline && p.override != OverrideAppearOffline {
		p.frozen = p.lastSign
	}
	if o == OverrideAppearOffline && p.override != OverrideAppearOffline {
		p.said.stood = p.said.status
	}
	p.override, p.said.until = o, 0
}

// isFull reports whether somebody has no room for one more exception, and no window that could make
// room.
func (m *model) isFull(id string) bool {
	p := m.person(id)
	return len(p.windows) == 0 && len(p.edges)+len(p.blocks) >= m.set.MaxExceptions
}

func (m *model) openWindow(id, peer string, at int64) Outcome {
	if at <= max(m.erased[id], m.erased[peer]) {
		return Erased
	}
	p := m.person(id)
	if m.isFull(id) {
		return TooManyExceptions
	}
	p.windows[peer] = max(p.windows[peer], at)
	m.crowd(p)
	return Done
}

// crowd ends the oldest windows of somebody with too many exceptions.
func (m *model) crowd(p *modelPerson) {
	for len(p.windows) > 0 && len(p.windows)+len(p.edges)+len(p.blocks) > m.set.MaxExceptions {
		delete(p.windows, slices.MinFunc(slices.Collect(maps.Keys(p.windows)), func(a, b string) int {
			if p.windows[a] != p.windows[b] {
				return int(p.windows[a] - p.windows[b])
			}
			return slices.Compare([]byte(a), []byte(b))
		}))
	}
}

// erase forgets somebody, and what others have with them.
func (m *model) erase(id string, at int64) {
	m.erased[id] = at
	delete(m.people, id)
	for _, p := range m.people {
		delete(p.windows, id)
		delete(p.edges, id)
		delete(p.blocks, id)
	}
}

func (m *model) setEdge(id, viewer string, e Edge) Outcome {
	p := m.person(id)
	_, there := p.edges[viewer]
	switch {
	case e.Allow == Forget:
		delete(p.edges, viewer)
		return Done
	case !there && m.isFull(id):
		return TooManyExceptions
	}
	p.edges[viewer] = modelEdge{e.Allow == Allow, e.Until}
	m.crowd(p)
	return Done
}

func (m *model) block(id, viewer string, blocked bool) Outcome {
	p := m.person(id)
	switch {
	case !blocked:
		delete(p.blocks, viewer)
		return Done
	case !p.blocks[viewer] && m.isFull(id):
		return TooManyExceptions
	}
	p.blocks[viewer] = true
	m.crowd(p)
	return Done
}

func (m *model) advance(now Tick) {
	m.now = now
	for _, p := range m.people {
		for _, d := range p.devices {
			if d.live && (d.lastSign+m.set.Deadline+1 <= now || d.linger != 0 && d.linger <= now) {
				d.live = false
			}
		}
		for peer, at := range p.windows {
			if m.set.Time(now) >= at+m.set.WindowMillis {
				delete(p.windows, peer)
			}
		}
		for viewer, e := range p.edges {
			if e.until != 0 && m.set.Time(now) >= e.until {
				delete(p.edges, viewer)
			}
		}
		m.endSaid(p)
		m.endOpaque(p)
	}
}

func (m *model) isAI(id string) bool {
	if k := m.person(id).kind; k != KindUnset {
		return k != KindHuman
	}
	return m.set.hasAIPrefix(id)
}

// awake is rule 5.
func (m *model) awake(id string) State {
	s := Offline
	for _, d := range m.person(id).devices {
		if d.live && d.activity == ActivityOnline {
			return Online
		} else if d.live {
			s = Idle
		}
	}
	return s
}

func (m *model) windowOpen(id, viewer string) bool {
	_, ok := m.person(id).windows[viewer]
	return ok
}

// trust is what somebody says of a viewer.
func (m *model) trust(id, viewer string) Trust {
	p := m.person(id)
	e, edge := p.edges[viewer]
	switch {
	case p.blocks[viewer] || edge && !e.allow:
		return Denied
	case m.windowOpen(id, viewer):
		return Excepted
	case edge:
		return Trusted
	default:
		return Stranger
	}
}

// maySee is who may see whom, in the order of the rules.
func (m *model) maySee(id, viewer string) bool {
	switch t := m.trust(id, viewer); {
	case id == viewer:
		return true
	case t == Denied:
		return false
	default:
		return t != Stranger || m.isAI(id) || m.person(id).set.Audience != AudienceAllowed
	}
}

// state is the rules in their order.
func (m *model) state(id, viewer string) State {
	p := m.person(id)
	switch {
	case !m.maySee(id, viewer):
		return neverSeen(m.set.hasAIPrefix(id))
	case m.isAI(id) && !p.said.beats:
		return Online
	case m.awake(id) == Offline:
		return Offline
	case p.override == OverrideBusy || p.override == OverrideAuto && len(p.said.claims) > 0:
		return Busy
	case p.override == OverrideAppearOffline && id == viewer:
		return AppearOffline
	case p.override == OverrideAppearOffline && !m.windowOpen(id, viewer):
		return Offline
	default:
		return m.awake(id)
	}
}

func (m *model) lastSeen(id, viewer string) Tick {
	p := m.person(id)
	sign := p.lastSign
	if id != viewer && (p.set.LastSeen == SeenHidden || !m.maySee(id, viewer)) {
		return 0
	}
	if p.override == OverrideAppearOffline && id != viewer && !m.windowOpen(id, viewer) {
		sign = p.frozen
	}
	if sign == 0 || sign+m.set.RecordTTL+1 <= m.now {
		return 0
	}
	return sign
}
