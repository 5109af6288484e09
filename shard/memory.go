package shard

// Memory is where partitions have their records. All that share one must be guarded by one lock: of
// thousands of partitions none is large enough to fill pages of its own. Its slots are numbered
// across the partitions.
type Memory struct {
	settings *Settings

	// By the kind of the slot: of people, which are their first devices too, and of extras.
	pulses [2][]*[pageSlots]pulse
	begin  [2][]uint32 // by page: the generation that its slots begin with

	people slab[person]
	extras slab[device] // those that aren't the first of their participant

	facts   slab[fact]
	lists   slab[list]
	cells   cellMemory
	windows slab[window]
	blocks  slab[block]

	statements slab[statement]
	firstSaid  index // the first statement of each participant that has some

	refs  slab[refs]
	names arena
}

// NewMemory returns an empty memory.
func NewMemory(settings *Settings) *Memory { return &Memory{settings: settings} }

// A device's slot is its participant's, or one among the extras, which has a bit for that.
const (
	kindShift = 23
	isExtra   = 1 << kindShift
	maxSlots  = isExtra - 1
)

func (m *Memory) pulse(d uint32) *pulse {
	return &m.pulses[d>>kindShift&1][d%isExtra>>pageBits][d%pageSlots]
}

// pulseIf is pulse, or nil if there is no memory for that slot.
func (m *Memory) pulseIf(d uint32) *pulse {
	kind, n := d>>kindShift, pageOf(d%isExtra)
	if kind >= uint32(len(m.pulses)) || n >= len(m.pulses[kind]) || m.pulses[kind][n] == nil {
		return nil
	}
	return &m.pulses[kind][n][d%pageSlots]
}

func (m *Memory) device(d uint32) *device {
	if d&isExtra != 0 {
		return m.extras.at(d &^ isExtra)
	}
	return &m.people.at(d).device
}

// firstOf is a participant's first device; nextOf is the one after a device. After the last one
// comes isParticipant and the slot.
func (m *Memory) firstOf(who uint32) uint32 {
	if p := m.people.at(who); p.status == free {
		return p.link &^ infoMask
	}
	return who
}

func (m *Memory) nextOf(d uint32) uint32 { return m.device(d).link &^ infoMask }

func (m *Memory) hasDevices(who uint32) bool { return m.firstOf(who)&isParticipant == 0 }

// setNext keeps what else stands in a first device's link.
func (m *Memory) setNext(d, next uint32) {
	dev := m.device(d)
	dev.link = dev.link&infoMask | next
}

// takePerson takes a slot for a participant without devices.
func (m *Memory) takePerson() uint32 {
	who, fresh := m.people.take()
	if fresh {
		m.addPulses(0, pageOf(who))
	}
	m.people.at(who).link = isParticipant | infoUsed | who
	return who
}

func (m *Memory) takeExtra() uint32 {
	d, fresh := m.extras.take()
	if fresh {
		m.addPulses(1, pageOf(d))
	}
	return d | isExtra
}

// give gives back the slot of a participant or an extra device, and makes its handles stale. One
// whose generations are used up retires.
func (m *Memory) give(d uint32) {
	m.renew(d)
	kind := d >> kindShift
	*m.device(d) = device{}
	if m.pulse(d).generation == 0 {
		return
	}
	m.pulse(d).deadline = 0
	if kind == 0 && m.people.give(d) || kind == 1 && m.extras.give(d&^isExtra) {
		m.dropPulses(kind, pageOf(d&^isExtra))
	}
}

// renew makes every handle of a device slot stale.
func (m *Memory) renew(d uint32) {
	if g := &m.pulse(d).generation; *g != 0 {
		*g++
	}
}

func (m *Memory) addPulses(kind uint32, n int) {
	for len(m.pulses[kind]) <= n {
		m.pulses[kind] = append(m.pulses[kind], nil)
	}
	for len(m.begin[kind]) <= n {
		m.begin[kind] = append(m.begin[kind], max(m.settings.Generation, 1))
	}
	page := new([pageSlots]pulse)
	for i := range page {
		page[i].generation = m.begin[kind][n]
	}
	m.pulses[kind][n] = page
}

// dropPulses notes where the generations go on should the page be made again: above all that were
// given out, or at 0 once none is left. Then no handle fits any more.
func (m *Memory) dropPulses(kind uint32, n int) {
	top := uint32(0)
	for _, p := range m.pulses[kind][n] {
		top = max(top, p.generation)
	}
	m.pulses[kind][n], m.begin[kind][n] = nil, top+1
}

// namesOf is where a participant's names stand.
func (m *Memory) namesOf(who uint32) uint32 { return *m.namesAt(m.people.at(who)) }

func (m *Memory) namesAt(p *person) *uint32 {
	if p.has(infoFact) {
		return &m.facts.at(p.names).names
	}
	return &p.names
}
