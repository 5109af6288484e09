package shard

// Availability is how the state of an AI participant is made.
type Availability uint8

// The availabilities. AvailabilityUnset means Always, or, where one is set, that it stays.
const (
	AvailabilityUnset Availability = iota
	Always
	UntilSilent // by its devices, like a person's
)

var availabilityNames = [...]string{"", "always", "heartbeat"}

func (a Availability) String() string { return nameOf(availabilityNames[:], uint8(a), "Availability") }

// ParseAvailability reads "always" or "heartbeat".
func ParseAvailability(s string) (Availability, error) {
	i, err := parseName(availabilityNames[1:], s, "availability")
	return Availability(i + 1), err
}

// applyAvailability notes in the fact of a participant what its availability is.
func (p *Partition) applyAvailability(who uint32, a Availability) {
	if a == UntilSilent {
		p.makeFact(who).registered |= mustBeat
	} else if f := p.factOf(who); f != nil {
		f.registered &^= mustBeat
	}
}

// availabilityOf is what was set, or AvailabilityUnset.
func (p *Partition) availabilityOf(who uint32) Availability {
	if s := p.statement(p.findSaid(who, saidAvailability, "")); s != &silence {
		return Availability(s.mark)
	}
	return AvailabilityUnset
}

// SetAvailability stores how the state of an AI participant is made, if version is newer than what
// is known.
func (p *Partition) SetAvailability(now Tick, k Key, a Availability, version Version) Outcome {
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	p.speak(who, func() {
		p.store(now, who, &saying{kind: saidAvailability, mark: uint8(a), version: version})
	})
	return Done
}
