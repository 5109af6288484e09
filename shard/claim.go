package shard

import (
	"errors"
	"fmt"
)

// Claim is a backend's reason for busy, such as a calendar. It always has an end.
type Claim struct {
	Source string
	Until  int64 // Unix milliseconds
}

// Limits of claims.
const (
	MaxSource = 32 // bytes
	MaxClaims = 8  // live ones, a participant
)

// ErrInvalidSource is wrapped by every complaint about the source of a claim.
var ErrInvalidSource = errors.New("invalid source")

// ValidateSource says what is wrong with the source of a claim, or nil.
func ValidateSource(source string) error {
	if source == "" || len(source) > MaxSource {
		return fmt.Errorf("%w: it is %d bytes long; it must be 1-%d", ErrInvalidSource, len(source), MaxSource)
	}
	for _, r := range source {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '.' && r != '-' {
			return fmt.Errorf("%w: it contains %U; a-z, 0-9, _, . and - are allowed", ErrInvalidSource, r)
		}
	}
	return nil
}

// SetClaim makes or renews a claim, if version is newer than what is known; until is its end in
// Unix milliseconds. With 0 it ends.
func (p *Partition) SetClaim(now Tick, k Key, source string, until int64, version Version) Outcome {
	in := saying{kind: saidClaim, source: source, version: version, until: until}
	if until == 0 {
		in.end()
	}
	if out, refused := p.refuseSaid(k, &in); refused {
		return out
	}
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	if live, _ := p.claimsOf(who, source); until != 0 && live >= MaxClaims {
		return TooManyClaims
	}
	p.speak(who, func() { p.store(now, who, &in) })
	return Done
}

// claimsOf counts the claims of a participant that are live, and those that are over, but for that
// of a source.
func (p *Partition) claimsOf(who uint32, but string) (live, over int) {
	for _, s := range p.allSaid(who) {
		if s.kind == saidClaim && !p.names.equal(s.words, but) {
			live += count(!s.isOver())
			over += count(s.isOver())
		}
	}
	return live, over
}

// limitClaims forgets the oldest of too many claims: MaxClaims that are over. Of those that are
// live it is twice as many, as those of two sides of a cut may come together.
func (p *Partition) limitClaims(who uint32) {
	live, over := p.claimsOf(who, "")
	for ; over > MaxClaims; over-- {
		p.dropOldestClaim(who, true)
	}
	for ; live > 2*MaxClaims; live-- {
		p.dropOldestClaim(who, false)
	}
}

func (p *Partition) dropOldestClaim(who uint32, over bool) {
	oldest := none
	for slot, s := range p.allSaid(who) {
		if s.kind != saidClaim || s.isOver() != over {
			continue
		}
		if oldest == none || s.version < p.statements.at(oldest).version {
			oldest = slot
		}
	}
	p.removeSaid(who, oldest)
}

// countClaims notes at a participant whether a claim is live: its state depends on it.
func (p *Partition) countClaims(who uint32) {
	person := p.people.at(who)
	if live, _ := p.claimsOf(who, ""); live > 0 {
		person.link |= infoClaimed
	} else {
		person.link &^= infoClaimed
	}
}

// liveClaims are the claims of a participant, in the order of their sources.
func (p *Partition) liveClaims(who uint32) (all []Claim) {
	for _, s := range p.allSaid(who) {
		if s.kind == saidClaim && !s.isOver() {
			all = append(all, Claim{string(p.names.name(s.words)), s.until})
		}
	}
	return all
}
