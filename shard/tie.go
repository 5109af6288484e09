package shard

// Tie is what a viewer has with a participant that makes it more than a stranger.
type Tie uint8

// The ties.
const (
	Untied Tie = iota // none, or nothing is known of the participant
	Tied              // a window is open, an edge allows, or the participant is an AI
)

// Tie is what viewer has with a participant. It says nothing of what the viewer sees. Of one that
// denies the viewer it says what it says of an id that was never seen.
func (p *Partition) Tie(k Key, viewer Viewer) Tie {
	who := p.find(k)
	tied := p.settings.hasAIPrefix(k.ID)
	if who != none {
		switch p.trust(who, viewer.Hash) {
		case Stranger:
			tied = p.isAI(who)
		case Trusted, Excepted:
			tied = true
		}
	}
	if tied {
		return Tied
	}
	return Untied
}
