package shard

// An exception belongs to a pair of a participant and a viewer: the viewer sees the participant's
// inner state, where others see the public one. Today an open direct-message window is the only one
// there is.
//
// Nobody may learn from the time that an answer takes whether a participant hides. So an exception
// is looked up by hash, for one pair at a time, whether it matters or not, and its beginning and
// end are reported whether they matter or not. The list of a participant's windows is never walked,
// and never leaves the partition but with all the rest.

// MaxViewers is how many viewers one call of Exceptions takes.
const MaxViewers = 64

// Exceptions tells which of viewers, MaxViewers at most, have an exception for k: bit i is of the
// i-th.
func (p *Partition) Exceptions(k Key, viewers []Viewer) (bits uint64) {
	who := p.find(k)
	for i, viewer := range viewers {
		if p.excepts(who, viewer) {
			bits |= 1 << i
		}
	}
	return bits
}

// excepts reports whether viewer has an exception for a participant.
func (p *Partition) excepts(who uint32, viewer Viewer) bool {
	cells := p.cellsOf(who)
	place := placeOf(cells, viewer.Hash)
	return place < len(cells) && cells[place].hash == viewer.Hash && cells[place].kind() == cellWindow
}

// exceptionChanged reports that peer's exception for a participant has begun or ended. Nobody
// watches a copy.
func (p *Partition) exceptionChanged(who uint32, peer []byte, excepted bool) {
	if p.copy {
		return
	}
	p.order++
	p.changes = append(p.changes, Change{
		ID: p.id(who), Hash: p.hashOf(who), View: View{Order: p.order}, Peer: peer, Excepted: excepted,
	})
}
