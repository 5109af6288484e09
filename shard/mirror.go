package shard

import (
	"encoding/binary"

	"github.com/scaiwave/presence/shard/codec"
)

// A partition is mirrored when another node, or a disk, holds a copy of it that follows. What
// follows are records, one of a participant whose devices or facts changed, one of a window that
// opened:
//
//	mirrored ── TakeRecords ─▶ [account ada] [window ada ben] … ──▶ Apply ── copy
//	         ── Snapshot ─────▶ everything ──────────────────────▶ Fill ───▶   │
//	                                                                        Promote: it serves
//
// Heartbeats make no record, so a copy doesn't know who still lives: its devices never expire, and
// it has no say in that until Promote gives each of them a full deadline.

// The first byte of a record.
const (
	recordAccount = 1 // a participant with its facts and all its devices, which replace those of the copy
	recordWindow  = 2 // a participant with one window and nothing else
	recordErasure = 3 // an erasure
	recordExtra   = 4 // see extras.go; from here on the length of the rest follows
	recordTenant  = 5 // see tenants.go
)

// Mirror begins or ends the noting of what TakeRecords writes.
func (p *Partition) Mirror(on bool) {
	p.mirrored = on
	if !on {
		p.noted, p.notedWindows, p.notedCells, p.notedSaid, p.notedErasures = nil, nil, nil, nil, nil
		p.takeOpaque(nil)
	}
}

func (p *Partition) note(who uint32) {
	if p.mirrored {
		p.noted = codec.AppendText(p.noted, p.id(who))
	}
}

func (p *Partition) noteWindow(who, w uint32) {
	if p.mirrored {
		p.notedWindows = codec.AppendText(codec.AppendText(p.notedWindows, p.id(who)), p.names.name(p.windows.at(w).peer))
	}
}

// Noted reports whether TakeRecords or TakeExtras has something to write.
func (p *Partition) Noted() bool {
	return len(p.noted)+len(p.notedWindows)+len(p.notedCells)+len(p.notedSaid)+len(p.notedErasures) > 0 ||
		p.opaque != nil && len(p.opaque.noted) > 0
}

// TakeRecords appends the records of all that has changed since the last call. Extras stay for
// TakeExtras.
func (p *Partition) TakeRecords(now Tick, b []byte) []byte {
	for _, e := range p.notedErasures {
		b = appendErasure(append(b, recordErasure), e)
	}
	p.notedErasures = nil
	return p.takeWindows(p.takeAccounts(b, now, false), false)
}

// takeAccounts takes the noted accounts of participants of tenants, or of all others.
func (p *Partition) takeAccounts(b []byte, now Tick, tenants bool) []byte {
	until, left := p.lingerEnds(), p.noted[:0]
	for rest := p.noted; len(rest) > 0; {
		var id string
		id, rest = cutName(rest)
		switch who := p.find(KeyOf(id)); {
		case HasTenant(id) != tenants:
			left = codec.AppendText(left, id) // behind what was read: the list becomes no longer
		case tenants:
			b = appendLong(b, recordTenant, p.appendAccount(nil, now, id, who, until))
		default:
			b = p.appendAccount(b, now, id, who, until)
		}
	}
	p.noted = left
	return b
}

// appendAccount is the record of a participant, which may be gone.
func (p *Partition) appendAccount(b []byte, now Tick, id string, who uint32, until map[uint32]Tick) []byte {
	if b = append(b, recordAccount); who == none {
		return appendForgotten(b, id)
	}
	return p.appendParticipant(b, now, who, until, false)
}

// takeWindows is takeAccounts of the noted windows.
func (p *Partition) takeWindows(b []byte, tenants bool) []byte {
	left := p.notedWindows[:0]
	for rest := p.notedWindows; len(rest) > 0; {
		var id, peer string
		id, rest = cutName(rest)
		peer, rest = cutName(rest)
		if HasTenant(id) != tenants {
			left = codec.AppendText(codec.AppendText(left, id), peer)
			continue
		}
		who := p.find(KeyOf(id))
		if who == none {
			continue
		}
		switch w := p.findWindow(who, p.settings.Viewer(peer).Hash); {
		case w == none:
		case tenants:
			b = appendLong(b, recordTenant, p.appendWindowAlone(nil, who, w))
		default:
			b = p.appendWindowAlone(b, who, w)
		}
	}
	p.notedWindows = left
	return b
}

// appendForgotten writes a participant without devices. Facts of it that the copy still has end
// there by themselves.
func appendForgotten(b []byte, id string) []byte {
	b = codec.AppendText(b, []byte(id))
	return append(b, 0, 0, 0, 0, 0, 0, 0)
}

func cutName(b []byte) (name string, rest []byte) {
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:]
}

func (p *Partition) appendWindowAlone(b []byte, who, w uint32) []byte {
	b = codec.AppendText(append(b, recordWindow), p.id(who))
	b = codec.AppendText(b, p.names.name(p.windows.at(w).peer))
	return binary.AppendVarint(b, p.windows.at(w).at)
}

// NewCopy returns an empty copy; see New.
func NewCopy(settings *Settings, m *Memory, number int, now Tick) *Partition {
	p := New(settings, m, number, now)
	p.copy = true
	return p
}

// Fill takes a snapshot into a copy that is empty; late is how long ago it was made. One that is
// damaged, or has a version above ceiling, changes nothing.
func (p *Partition) Fill(now, late Tick, snapshot []byte, ceiling Version) (top Version, err error) {
	if _, err := checkSnapshot(now, snapshot, ceiling); err != nil {
		return 0, err
	}
	_, top, err = readSnapshot(now, late, snapshot, taking{
		p.takeErasures,
		func(_ Version, in incoming) { p.mirrorParticipant(now, in) },
		func(in incomingExtra) { p.mergeExtra(now, in) },
		func(in opaque) { p.mergeOpaque(now, in) },
		func(in saying) { p.mergeSaid(now, &in) },
	})
	return top, err
}

// Apply takes records into a copy; late is for how long they have been under way. Damaged ones, or
// ones with a version above ceiling, change nothing.
func (p *Partition) Apply(now, late Tick, records []byte, ceiling Version) (top Version, err error) {
	top, err = readRecords(now, late, records, taker{
		func([]Erasure) {}, func(incoming) {}, func(string, incomingWindow) {},
		func(incomingExtra) {}, func(opaque) {}, func(saying) {},
	})
	if err == nil {
		err = checkCeiling(top, ceiling)
	}
	if err != nil {
		return 0, err
	}
	return readRecords(now, late, records, taker{
		p.takeErasures,
		func(in incoming) { p.mirrorParticipant(now, in) },
		func(id string, w incomingWindow) { p.mergeWindow(now, KeyOf(id), KeyOf(w.peer), w.at) },
		func(in incomingExtra) { p.mergeExtra(now, in) },
		func(in opaque) { p.mergeOpaque(now, in) },
		func(in saying) { p.mergeSaid(now, &in) },
	})
}

// taker is given what records say.
type taker struct {
	erase   func([]Erasure)
	account func(incoming)
	window  func(id string, w incomingWindow)
	extra   func(incomingExtra)
	opaque  func(opaque)
	said    func(saying)
}

func readRecords(now, late Tick, b []byte, t taker) (Version, error) {
	r := newReader(now, late, b)
	for r.Left() > 0 {
		switch kind := r.Byte(); kind {
		case recordAccount, recordWindow:
			r.change(kind, t)
		case recordErasure:
			if e := r.erasure(); r.Err() == nil {
				t.erase([]Erasure{e})
			}
		case 0:
			r.Failf("record of kind %d", kind)
		default:
			r.extra(kind, t)
		}
	}
	return r.top, r.Err()
}

// change reads an account or a window.
func (r *reader) change(kind byte, t taker) {
	if kind == recordAccount {
		if in := r.participant(); r.Err() == nil {
			t.account(in)
		}
		return
	}
	id := r.Valid(ValidateInnerID)
	w := incomingWindow{r.Valid(ValidateInnerID), r.windowTime()}
	if r.Err() == nil {
		t.window(id, w)
	}
}

// mirrorParticipant makes a copy's participant what its owner says it is. Facts go by version, as
// always; of the devices the owner knows best.
func (p *Partition) mirrorParticipant(now Tick, in incoming) {
	k := KeyOf(in.id)
	in = p.unerased(k, in)
	if p.find(k) == none && !p.hasRoom() {
		return
	}
	who, _ := p.findOrAdd(k)
	before := p.look(who)
	p.mergeFacts(now, who, k, in)
	p.dropMissing(who, in.devices)
	for _, d := range in.devices {
		p.mirrorDevice(who, d)
	}
	p.file(who)
	p.settle(who, before)
	p.forgetEmpty(who)
}

// dropMissing drops the devices that aren't among those that came.
func (p *Partition) dropMissing(who uint32, in []incomingDevice) {
	for d := p.firstOf(who); d&isParticipant == 0; {
		next := p.nextOf(d)
		if !p.namedIn(who, d, in) {
			p.dropDevice(who, d)
		}
		d = next
	}
}

func (p *Partition) namedIn(who, d uint32, in []incomingDevice) bool {
	for i := range in {
		if p.findDevice(who, in[i].id) == d {
			return true
		}
	}
	return false
}

func (p *Partition) mirrorDevice(who uint32, in incomingDevice) {
	d := p.findDevice(who, in.id)
	if d == none {
		if !p.hasRoom() {
			return
		}
		d = p.addDevice(who, in.id)
	}
	p.counts.Devices -= count(p.device(d).status.present())
	p.adoptDevice(d, in)
	p.pulse(d).deadline = p.deadlineOf(in.lastSign)
}

// Promote makes a copy serve. Every device gets a full deadline: nobody is gone because a node has
// died. But one that gave the dead owner no sign since that was promoted itself keeps its remaining
// time, or it could live from failover to failover.
func (p *Partition) Promote(now Tick) {
	p.copy = false
	p.promoted = now
	for who := range p.index.all {
		for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
			p.promote(now, d)
		}
	}
	p.refile()
}

func (p *Partition) promote(now Tick, d uint32) {
	switch dev := p.device(d); dev.status {
	case inherited:
		dev.status = live
	case live:
		p.pulse(d).deadline = now.after(p.settings.Deadline)
	case lingering:
		p.pulse(d).deadline = now.after(p.settings.Deadline)
		p.lingerUntil(d, now.after(p.settings.Linger))
	}
}

// Demote makes what was served a copy of what another node has taken over.
func (p *Partition) Demote() {
	p.copy = true
	p.Mirror(false)
	p.lingers = nil // no linger ends here until it is promoted
	p.refile()
}

// Lapse makes a copy of what a whole cluster knew before it was stopped: nobody is there,
// everything else stands.
func (p *Partition) Lapse() {
	p.copy = false
	for who := range p.index.all {
		before := p.look(who)
		for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
			if p.device(d).status.present() {
				p.expire(d)
			}
		}
		p.settle(who, before)
	}
	p.refile()
}

// silentSince reports whether a live device has given no sign since the partition was promoted.
func (p *Partition) silentSince(d uint32) bool {
	return p.device(d).status == live && p.promoted != 0 &&
		p.pulse(d).deadline <= p.promoted.after(p.settings.Deadline)
}

// Succeed makes an empty partition continue an older one of the same number and memory: who still
// has orders of that one finds them lower. Its handles are stale once it has left.
func (p *Partition) Succeed(old *Partition) { p.order = old.order + 1 }
