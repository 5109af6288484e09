package shard

// lapseSaid ends what is over of what was said of a participant, and has it looked at again. That
// something is over is told to who follows, and not left to its clock: nobody is told of it twice.
func (p *Partition) lapseSaid(now Tick, who uint32) {
	time := p.settings.Time(now)
	p.statements.at(p.saidBy(who)).await = 0
	p.speak(who, func() {
		for slot, s := range p.allSaid(who) {
			switch end := p.saidEnd(who, s); {
			case end == 0 || end > time:
			case !s.isOver() && s.until != 0 && s.until <= time:
				p.overSaid(who, s)
			default:
				p.removeSaid(who, slot)
			}
		}
		p.limitClaims(who)
		p.countClaims(who)
	})
	p.forgetEmpty(who)
}

// overSaid ends a statement.
func (p *Partition) overSaid(who uint32, s *statement) {
	stood, source := s.mark&markStood != 0, p.sayingOf(s).source
	p.endSaid(s)
	p.noteSaid(who, s.kind, source)
	if stood {
		p.noteSaid(who, saidStood, "")
	}
	if s.kind == saidPick {
		p.endOverride(who)
	}
}

// saidEnd is when something happens to a statement: it ends, or need not be remembered any longer.
// 0: never.
func (p *Partition) saidEnd(who uint32, s *statement) int64 {
	_, version := p.overrideOf(who)
	switch {
	case s.kind <= saidStood:
		return p.statusEnd(who, s)
	case s.kind == saidAvailability && Availability(s.mark) == UntilSilent:
		return 0
	case s.isOver() || s.kind == saidAvailability || s.kind == saidPick && s.version != version:
		return p.forgetSaid(s.version, s.until)
	default:
		return s.until
	}
}

// statusEnd is saidEnd of a status. While a participant hides, that it has none for strangers is
// remembered: an older one must not be seen again.
func (p *Partition) statusEnd(who uint32, s *statement) int64 {
	hides := p.hides(who)
	stood := s.kind == saidStood || s.mark&markStood != 0
	switch {
	case s.isOver() && hides && (stood || p.stands(s, p.runOf(who))):
		return 0
	case s.isOver():
		return p.forgetSaid(s.version, s.until)
	case s.kind == saidStood && !hides:
		_, version := p.overrideOf(who)
		return earlier(s.until, p.forgetAt(max(s.version, version)))
	default:
		return s.until
	}
}

// earlier is the earlier one of two times, of which the first may be 0: never.
func earlier(at, other int64) int64 {
	if at == 0 {
		return other
	}
	return min(at, other)
}
