package shard

// person is a participant and the first of its devices: 20 bytes. A participant without facts that
// lost its last device record is freed.
type person struct {
	device        // its link has the bits below, too
	names  uint32 // where its name stands in the arena, its devices' names behind it; with infoFact the fact's slot
}

const (
	infoUsed     = 1 << 24
	infoFiled    = 1 << 25 // in the wheel
	infoPrefixAI = 1 << 26 // the id has an AI prefix
	infoFact     = 1 << 27 // something was said about it
	innerShift   = 28      // two bits: the state that the devices make
	infoClaimed  = 1 << 30 // a claim is live
	infoMask     = 127 << 24
)

func (p *person) has(bit uint32) bool { return p.link&bit != 0 }

// inner is what the live devices make: Offline, Idle or Online.
func (p *person) inner() State { return State(p.link>>innerShift&3) + Offline }

func (p *person) setInner(s State) {
	p.link = p.link&^(3<<innerShift) | uint32(s-Offline)<<innerShift
}

// pulse is all that a heartbeat by handle reads and writes, kept apart from the rest of the device
// so that eight share a cache line.
type pulse struct {
	generation uint32 // of the handle; 0 after it wrapped: then no handle fits ever again
	deadline   Tick   // last sign of life plus Settings.Deadline, whatever the status
}

// device is the rest: 16 bytes.
type device struct {
	stamp  [2]uint32 // see session; a Version would make a person 24 bytes
	link   uint32    // next device; after the last one isParticipant|slot
	flips  uint16    // activity reports that changed something in this session; orders them in a merge
	status status
	said   said
}

// session is that of the hello that holds the device; of the sign-out when signed out.
func (d *device) session() Version { return Version(d.stamp[1])<<32 | Version(d.stamp[0]) }

func (d *device) setSession(v Version) { d.stamp = [2]uint32{uint32(v), uint32(v >> 32)} }

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

// fact is what few participants have: what was said about them, with versions. 32 bytes.
type fact struct {
	overrideVersion Version
	kindVersion     Version
	frozen          Tick   // while override is appear_offline: the last sign of life before it; 0: none was known
	list            uint32 // of its exceptions, or none
	names           uint32 // of the participant; see person
	override        Override
	registered      registration
	audience        Audience
	lastSeen        SeenPolicy
}

// registration is what a participant was registered as: its kind, and whether it has to beat. One
// byte of its fact.
type registration uint8

const mustBeat registration = 1 << 7

func (r registration) kind() Kind { return Kind(r &^ mustBeat) }

func (r registration) beats() bool { return r&mustBeat != 0 }

func (r registration) with(k Kind) registration { return r&mustBeat | registration(k) }

// window is one side of a direct message: the participant may be seen by the peer. 24 bytes.
type window struct {
	at          int64 // Unix milliseconds of the latest message
	participant uint32
	peer        uint32 // its name in the arena
	newer       uint32 // a tree of some that are newer, or none; see ages.go
	older       uint32
}

// block is a viewer that is blocked: 16 bytes. Its name must be known, as blocks are listed. Of one
// that is blocked no longer there is a cell alone, with the version.
type block struct {
	version Version // the low bits cleared
	name    uint32  // in the arena
}

// isWindow marks a window's slot among the wheel's references.
const isWindow = 1 << 31

// linger is the early end of a device whose socket closed.
type linger struct {
	until      Tick
	device     uint32
	generation uint32 // another one: the device has come back
}
