package shard

import (
	"encoding/binary"
	"slices"

	"github.com/scaiwave/presence/shard/codec"
)

// The first byte of a snapshot; another one is refused. A disk may have one of the former format,
// which has no erasures.
const (
	formerFormat   = 1
	snapshotFormat = 2
	extendedFormat = 3 // one of the formats before, after its length, and extras
)

// Extended puts extras behind a snapshot. Without any it stays what it is.
func Extended(snapshot, extras []byte) []byte {
	if len(extras) == 0 {
		return snapshot
	}
	b := binary.AppendUvarint([]byte{extendedFormat}, uint64(len(snapshot)))
	return append(append(b, snapshot...), extras...)
}

// Parts takes the extras from a snapshot.
func Parts(b []byte) (snapshot, extras []byte, err error) {
	if len(b) == 0 || b[0] != extendedFormat {
		return b, nil, nil
	}
	r := codec.NewReader(b[1:], ErrSnapshot)
	snapshot = r.Take(int(r.Uvarint(uint64(r.Left()), "length of a snapshot")))
	return snapshot, r.Rest(), r.Err()
}

// A snapshot is the format, its id, the erasures (hashes, version, time, how much later the newest
// message was), and for each participant: name, override, version, age of the freeze, kind,
// version, windows, devices. Numbers are varints, names have their length before them.
// Participants of tenants are not among these, but extras: see tenants.go.
//
// Deadlines travel as remaining ticks, since no two nodes count ticks alike; windows and versions
// are Unix times, as they are facts.

// Snapshot writes the whole partition as of now, but for its Extras. The id must be new for every
// snapshot: by it Merge knows remaining times that it has counted before.
func (p *Partition) Snapshot(now Tick, id Version) []byte {
	b := []byte{snapshotFormat}
	b = binary.AppendUvarint(b, uint64(id))
	b = binary.AppendUvarint(b, uint64(len(p.erased)))
	for _, e := range p.erased {
		b = appendErasure(b, e)
	}
	until, all := p.lingerEnds(), p.sorted(false)
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, who := range all {
		b = p.appendParticipant(b, now, who, until, true)
	}
	return b
}

// sorted are the participants of tenants, or all others, in the order of their slots.
func (p *Partition) sorted(tenants bool) []uint32 {
	var all []uint32
	for who := range p.index.all {
		if HasTenant(p.id(who)) == tenants {
			all = append(all, who)
		}
	}
	slices.Sort(all)
	return all
}

// lingerEnds is when each lingering device goes.
func (p *Partition) lingerEnds() map[uint32]Tick {
	ends := make(map[uint32]Tick, len(p.lingers))
	for _, l := range p.lingers {
		if p.waits(&l) {
			ends[l.device] = l.until
		}
	}
	return ends
}

func (p *Partition) appendParticipant(b []byte, now Tick, who uint32, until map[uint32]Tick, windows bool) []byte {
	b = codec.AppendText(b, p.id(who))
	f := fact{list: none}
	if known := p.factOf(who); known != nil {
		f = *known
	}
	b = append(b, byte(f.override))
	b = binary.AppendUvarint(b, uint64(f.overrideVersion))
	b = binary.AppendUvarint(b, ageOf(now, f.frozen))
	b = append(b, byte(f.registered.kind()))
	b = binary.AppendUvarint(b, uint64(f.kindVersion))

	l := list{tree: none}
	if windows && f.list != none {
		l = *p.lists.at(f.list)
	}
	b = binary.AppendUvarint(b, uint64(l.windows))
	for w := range p.windowsOf(&l) {
		b = codec.AppendText(b, p.names.name(p.windows.at(w).peer))
		b = binary.AppendVarint(b, p.windows.at(w).at)
	}

	at := p.names.after(p.namesOf(who))
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		b = p.appendDevice(append(b, 1), now, d, p.names.name(at), until[d])
		at = p.names.after(at)
	}
	return append(b, 0)
}

func (p *Partition) appendDevice(b []byte, now Tick, d uint32, name []byte, until Tick) []byte {
	dev := p.device(d)
	b = codec.AppendText(b, name)
	s := dev.status
	if p.silentSince(d) {
		s = inherited
	}
	b = append(b, byte(s), byte(dev.said.activity()))
	b = binary.AppendUvarint(b, uint64(dev.session()))
	b = binary.AppendUvarint(b, uint64(dev.flips))
	b = binary.AppendUvarint(b, ageOf(now, p.lastSign(d)))
	return binary.AppendUvarint(b, uint64(max(until, now)-now))
}

// ageOf is how many ticks ago a sign of life was, plus one; 0 when none is known. One that came
// while now was looked up is no older than now.
func ageOf(now, sign Tick) uint64 {
	if sign == 0 {
		return 0
	}
	return uint64(now-min(sign, now)) + 1
}

func appendErasure(b []byte, e Erasure) []byte {
	b = binary.BigEndian.AppendUint64(b, e.Hash)
	b = binary.AppendUvarint(append(b, e.Sum[:]...), uint64(e.Version))
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(e.At)), uint64(e.Newest-e.At))
}
