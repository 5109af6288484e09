package handoff

// learn notes what an answer says of the cluster. It reports whether what is here is outdated:
// others have acknowledged what a node doesn't know that doubts.
func (b *book) learn(a answer) (outdated bool) {
	if a.stage != formed {
		return false
	}
	b.stage, b.ripe = formed, b.ripe || a.ripe
	outdated, b.unmet, b.knew = b.unmet, false, false
	return outdated
}

// over notes that a round has ended with all that this node owns served, or its push still to come.
// It returns the partitions whose doubt has ended with it.
func (b *book) over(isGateway bool) (trusted []int) {
	alone := len(b.ring.Others(b.self)) == 0
	switch {
	case b.unmet && alone, b.doubting && b.silent: // who is silent was not met
	case b.round.formed, alone && !isGateway:
		b.stage = formed
	case b.stage == starting:
		b.stage = begun
		if b.unmet {
			b.unmet, b.knew = false, false
			return b.settled()
		}
	}
	return nil
}

// settled are the partitions of which nothing is still to come. What is will end their doubt when
// it has been merged.
func (b *book) settled() (partitions []int) {
	for p := range b.count {
		if len(b.listed[p]) == 0 && !b.wasAway(p) {
			partitions = append(partitions, p)
		}
	}
	return partitions
}
