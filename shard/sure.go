package shard

// noteSpeech notes the version of a status that is set, for as long as that matters.
func (p *Partition) noteSpeech(k Key, version Version) {
	if p.warming == 0 {
		return
	}
	if p.doubt.spoke == nil {
		p.doubt.spoke = make(map[uint64]Version)
	}
	if _, before := p.doubt.spoke[k.Hash]; !before {
		p.doubt.spoke[k.Hash] = version
	}
}

// isSure reports whether it is known that a status counts, if only as none: of those that strangers
// see, or of those that viewers with a window do. That one is over is known where it is remembered.
// What strangers see of a participant that hides stays as it was: of one that is absent nothing is
// told either.
func (p *Partition) isSure(k Key, who uint32, s *statement, public bool) bool {
	switch {
	case p.warming == 0:
		return true
	case s == &silence || !p.knowsLook(k, who) || p.mayDeny(who) || p.mayHide(k, who) || public && p.hides(who):
		return false
	case !p.lacks() || s.isOver():
		return true
	}
	since, spoke := p.doubt.spoke[k.Hash]
	return spoke && s.version >= since
}
