package shard

// participant is what everybody has: 16 bytes. A participant without facts that lost its last
// device record is freed.
type participant struct {
	names uint32 // where its name stands in the arena, its devices' names behind it
	first uint32 // first device, or none
	link  uint32 // chain of the wheel, or of free slots
	info  uint32 // low 24 bits: fact+1, or 0; above: the bits below
}

const (
	infoUsed     = 1 << 24
	infoFiled    = 1 << 25 // in the wheel
	infoPrefixAI = 1 << 26 // the id has an AI prefix
	innerShift   = 27      // two bits: the state that the devices make
	infoFact     = 1<<24 - 1
)

func (p *participant) has(bit uint32) bool { return p.info&bit != 0 }

// inner is what the live devices make: Offline, Idle or Online.
func (p *participant) inner() State { return State(p.info>>innerShift&3) + Offline }

func (p *participant) setInner(s State) {
	p.info = p.info&^(3<<innerShift) | uint32(s-Offline)<<innerShift
}

// fact is the slot of what was said about the participant, or none.
func (p *participant) fact() uint32 { return p.info&infoFact - 1 }

func (p *participant) setFact(i uint32) { p.info = p.info&^infoFact | (i+1)&infoFact }

// pulse is all that a heartbeat by handle reads and writes, kept apart from the rest of the device
// so that eight share a cache line.
type pulse struct {
	generation uint32 // of the handle; 0 after it wrapped: then no handle fits ever again
	deadline   Tick   // last sign of life plus Settings.Deadline, whatever the status
}

// device is the rest: 16 bytes.
type device struct {
	session Version // of the hello that holds it; of the sign-out when signed out
	link    uint32  // next device; after the last one isParticipant|slot
	flips   uint16  // activity reports that changed something in this session; orders them in a merge
	status  status
	said    said
}

const isParticipant = 1 << 31

// status of a device record. Only live and lingering ones make a state.
type status uint8

const (
	free      status = iota
	live             // with a sign of life since less than Settings.Deadline
	lingering        // its socket closed without a goodbye; goes at the end of the linger
	expired          // gone, kept for last_seen; not a fact: never merged, beaten by anything live
	signedOut        // gone by a word of its own or of a backend: refuses every session up to its own
	inherited        // in a copy: live, but silent since its owner was promoted; keeps its remaining time
)

func (s status) present() bool { return s == live || s == lingering || s == inherited }

// fact is what few participants have: what was said about them, with versions, and their windows.
type fact struct {
	overrideVersion Version
	kindVersion     Version
	frozen          Tick   // while override is appear_offline: the last sign of life before it; 0: none was known
	newest          uint32 // first window, or none; the chain runs to older ones
	oldest          uint32
	windows         int32
	override        Override
	kind            Kind
}

// window is one side of a direct message: the participant may be seen by the peer. 32 bytes.
type window struct {
	at          int64 // Unix milliseconds of the latest message
	participant uint32
	peer        uint32 // its name in the arena
	newer       uint32
	older       uint32
	link        uint32 // chain of the wheel, or of free slots
	_           uint32
}

// isWindow marks a window's slot among the wheel's references.
const isWindow = 1 << 31

// linger is the early end of a device whose socket closed.
type linger struct {
	until      Tick
	device     uint32
	generation uint32 // another one: the device has come back
}
