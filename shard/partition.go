package shard

import "github.com/cespare/xxhash/v2"

// Partition is the state of one partition: see the package comment. It is not safe for concurrent
// use; the host locks. All calls take the current tick, which must never go back.
type Partition struct {
	// What a heartbeat by name reads, in one or two cache lines.
	settings *Settings
	ahead    uint32 // the sum of what was only loaded to be in the cache, or the compiler drops the loads
	warming  Tick   // until when absent participants are unknown, not offline; 0: it doesn't warm
	*Memory         // has the records
	index    index

	listed  int            // participants with exceptions
	orphans int            // windows that have ended, and are filed still
	weight  int            // of the exceptions and statements, see weight.go
	weights map[string]int // of them, by tenant; nil: not counted
	said    int            // statements
	ends    heap           // of lists and statements, by when they are looked at next; see ends.go
	opaque  *opaques       // nil: there was never one

	wheel   wheel
	lingers []linger // in the order they end, since all last equally long

	copy         bool   // follows another node's partition; see mirror.go
	mirrored     bool   // is followed
	noted        []byte // names of those whose account changed
	notedWindows []byte // and, in pairs, of windows that opened
	notedCells   []byte // and names with the hashes of viewers about whom something else was said
	notedSaid    []byte // and names with the kinds of statements, and the sources of claims
	promoted     Tick   // when it ceased to be a copy; 0: it never was one

	erased        Erasures
	erasedViewers map[uint64]Version // by hash; nil: not made; see erasedViewer
	erasuresEnd   Tick               // when the first of them can be forgotten
	notedErasures []Erasure          // those that are new, while it is mirrored
	struck        int                // see TakeStruck
	left          []uint64           // see TakeLeft

	changes []Change
	order   uint64
	merged  map[Version]Tick // snapshots whose remaining times have counted, and when they can be forgotten
	counts  Counts
	doubt   doubt
}

// Counts says how much a partition holds.
type Counts struct {
	Participants int
	Devices      int // live
	Records      int // of devices, those that are kept for last_seen or as a sign-out included
	Overrides    int // other than auto
	Windows      int
	Edges        int // that allow or deny
	Blocks       int
}

// Change is a participant whose look changed, or, of a pair, one whose trust in a viewer did. ID
// and Peer can be read while the partition isn't changed. A look may be told only after Complete,
// which most changes don't need: they interest nobody.
type Change struct {
	ID   []byte
	Hash uint64
	View View // of a pair: its Order alone
	Left bool // its last device has gone

	Pair   bool
	Viewer uint64 // the hash of the viewer
	Trust  Trust
}

// New returns an empty partition at tick now, which keeps its records in m. Its number only spreads
// the work of a host's partitions over time.
func New(settings *Settings, m *Memory, number int, now Tick) *Partition {
	return &Partition{
		settings:    settings,
		Memory:      m,
		wheel:       newWheel(&m.refs, now, Tick(number)),
		erasuresEnd: never,
	}
}

// Key is a participant id with its hash.
type Key struct {
	ID     string
	Hash   uint64
	likely uint32 // a slot where it may be, plus 1; 0: not known
}

// KeyOf hashes an id.
func KeyOf(id string) Key { return Key{ID: id, Hash: xxhash.Sum64String(id)} }

// TakeChanges calls take, unless it is nil, with everything that has changed since the last call.
func (p *Partition) TakeChanges(take func(c Change)) {
	if len(p.changes) == 0 {
		return
	}
	if take != nil {
		for _, c := range p.changes {
			take(c)
		}
	}
	if cap(p.changes) > keptChanges {
		p.changes = nil
		return
	}
	clear(p.changes) // an id left behind would hold on to an arena that has been replaced
	p.changes = p.changes[:0]
}

// keptChanges is for how many changes there is room between calls: a merge may bring a great many.
const keptChanges = 1024

// Counts returns how much the partition holds.
func (p *Partition) Counts() Counts { return p.counts }

// find is the slot of a participant, or none.
func (p *Partition) find(k Key) uint32 {
	if k.likely != 0 && p.isAt(k.likely-1, k.ID) {
		return k.likely - 1
	}
	if p.index.count == 0 {
		return none
	}
	for i := p.index.home(k.Hash); ; i = p.index.next(i) {
		slot, at := p.index.candidate(k.Hash, i)
		if slot == none || p.names.equal(p.namesOf(slot), k.ID) {
			return slot
		}
		i = at
	}
}

// isAt reports whether a participant has a slot. Slots may have been numbered anew since it had.
func (p *Partition) isAt(slot uint32, id string) bool {
	person := p.people.atIf(slot)
	return person != nil && person.has(infoUsed) && p.names.equal(*p.namesAt(person), id)
}

// findDevice is the slot of a participant's device, or none.
func (p *Partition) findDevice(who uint32, id string) uint32 {
	at := p.names.after(p.namesOf(who))
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		if p.names.equal(at, id) {
			return d
		}
		at = p.names.after(at)
	}
	return none
}

// participantOf is whose device this is.
func (p *Partition) participantOf(d uint32) uint32 {
	for d&isExtra != 0 {
		d = p.nextOf(d)
	}
	return d &^ isParticipant
}

func (p *Partition) id(who uint32) []byte { return p.names.name(p.namesOf(who)) }

func (p *Partition) hashOf(who uint32) uint64 { return xxhash.Sum64(p.id(who)) }

// factOf is what was said about a participant, or nil.
func (p *Partition) factOf(who uint32) *fact {
	if person := p.people.at(who); person.has(infoFact) {
		return p.facts.at(person.names)
	}
	return nil
}

// lastSign is the tick of a device's last sign of life; 0 when none is known.
func (p *Partition) lastSign(d uint32) Tick {
	return max(p.pulse(d).deadline, p.settings.Deadline+1) - p.settings.Deadline - 1
}

// lastSeen is the tick of the participant's last sign of life, from whichever device; 0 when none
// is known.
func (p *Partition) lastSeen(who uint32) (t Tick) {
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		t = max(t, p.lastSign(d))
	}
	return t
}
