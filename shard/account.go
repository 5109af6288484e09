package shard

import (
	"slices"
	"strings"
)

// Account is all that is known of a participant, for itself to read.
type Account struct {
	Override   Override
	OverrideAt Version // when it was picked; 0: never
	Frozen     Tick    // the last sign of life that strangers are told of while it hides; 0: none
	Kind       Kind
	KindAt     Version // when it was registered; 0: never
	LastSeen   Tick    // 0: not known
	Devices    []KeptDevice
	Windows    []KeptWindow // the latest message first

	Status        KeptStatus // the latest
	Stood         KeptStatus // what strangers see instead of it, or saw before the participant was back
	OverrideUntil int64      // Unix milliseconds; 0: it has no end
	Claims        []Claim    // live ones, in the order of their sources
	Availability  Availability
}

// KeptStatus is a status of an Account; the zero one is none.
type KeptStatus struct {
	Status
	Public bool // it reaches everyone
	Since  Version
}

// Said is what a participant has said about who may see it.
type Said struct {
	Counts Visibility  // set or not
	Set    Visibility  // as it was set
	Blocks []KeptBlock // in the order of the viewers' bytes
	Edges  []KeptEdge  // in the order of the viewers' hashes
	Opaque Opaque
}

// KeptBlock is a viewer that is blocked.
type KeptBlock struct {
	Viewer string
	Since  Version
}

// KeptEdge is what a backend said about a viewer, whose name isn't kept.
type KeptEdge struct {
	Viewer uint64 // its hash
	Edge
	Since Version
}

// KeptDevice is a device of an Account: those that have gone too, for as long as they are
// remembered.
type KeptDevice struct {
	ID       string
	Status   Standing
	Activity Activity // the latest
	LastSeen Tick     // 0: not known
	Since    Version  // when it connected; signed out: when that was
}

// KeptWindow says that the peer may see the participant while it hides.
type KeptWindow struct {
	Peer string
	At   int64 // Unix milliseconds of the latest message
}

// Standing is what has become of a device.
type Standing uint8

// The standings.
const (
	DeviceLive      Standing = iota // there
	DeviceLingering                 // its socket has closed, a moment ago
	DeviceExpired                   // gone without a word
	DeviceSignedOut                 // gone by its own or a backend's word
)

var standingNames = [...]string{"live", "lingering", "expired", "signed_out"}

func (s Standing) String() string { return nameOf(standingNames[:], uint8(s), "Standing") }

var standings = map[status]Standing{lingering: DeviceLingering, expired: DeviceExpired, signedOut: DeviceSignedOut}

// Account reads all that is known of a participant; nothing is known of one that was never there.
func (p *Partition) Account(now Tick, k Key) (h Account) {
	who := p.find(k)
	if who == none {
		return h
	}
	h.LastSeen = p.remembered(now, p.lastSeen(who))
	h.Devices = p.keptDevices(who)
	p.accountSaid(who, &h)
	f := p.factOf(who)
	if f == nil {
		return h
	}
	h.Override, h.OverrideAt, h.Frozen = f.override, f.overrideVersion, p.remembered(now, f.frozen)
	h.Kind, h.KindAt = f.registered.kind(), f.kindVersion
	l := p.listOf(who)
	if l == nil {
		return h
	}
	h.Windows = slices.Grow(h.Windows, int(l.windows))
	for w := range p.windowsOf(l) {
		h.Windows = append(h.Windows, KeptWindow{string(p.names.name(p.windows.at(w).peer)), p.windows.at(w).at})
	}
	return h
}

// Said reads what a participant has said about who may see it.
func (p *Partition) Said(k Key) (s Said) {
	who := p.find(k)
	s.Opaque = p.opaqueOf(k)
	if who == none {
		s.Counts = p.visibilityOf(nil)
		return s
	}
	s.Counts = p.visibilityOf(p.factOf(who))
	l := p.listOf(who)
	if l == nil || l.cells == 0 {
		return s
	}
	s.Set = Visibility{p.factOf(who).audience, p.factOf(who).lastSeen}
	for place, c := range p.cells.in(l) {
		switch kind := c.kind(); {
		case c.hash == noViewer || isStone(c):
		case isBlocked(c):
			s.Blocks = append(s.Blocks, KeptBlock{string(p.nameOfBlock(c)), p.versionOf(c)})
		case isEdge(c):
			e := Edge{Allowance(slices.Index(kindOfEdge[:], kind)), p.untilOf(l, place)}
			s.Edges = append(s.Edges, KeptEdge{c.hash, e, p.versionOf(c)})
		}
	}
	slices.SortFunc(s.Blocks, func(a, b KeptBlock) int { return strings.Compare(a.Viewer, b.Viewer) })
	return s
}

// accountSaid adds the statements of a participant.
func (p *Partition) accountSaid(who uint32, h *Account) {
	public, inner := p.statusesOf(who)
	if !p.hides(who) { // it is remembered for a day
		public = p.statement(p.findSaid(who, saidStood, ""))
	}
	if h.Status = p.keptStatus(inner); public != inner {
		h.Stood = p.keptStatus(public)
	}
	h.OverrideUntil, h.Claims = p.overrideUntil(who), p.liveClaims(who)
	h.Availability = p.availabilityOf(who)
}

func (p *Partition) keptStatus(s *statement) KeptStatus {
	if s.isOver() {
		return KeptStatus{}
	}
	return KeptStatus{p.statusOf(s), s.mark&markPublic != 0, s.version}
}

func (p *Partition) keptDevices(who uint32) (ds []KeptDevice) {
	at := p.names.after(p.namesOf(who))
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		dev := p.device(d)
		ds = append(ds, KeptDevice{
			ID: string(p.names.name(at)), Status: standings[dev.status], Activity: dev.said.activity(),
			LastSeen: p.lastSign(d), Since: dev.session(),
		})
		at = p.names.after(at)
	}
	return ds
}
