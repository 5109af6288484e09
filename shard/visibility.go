package shard

// Audience is who may see a participant of those about whom nothing was said.
type Audience uint8

// The audiences. AudienceUnset means that Settings.Audience counts.
const (
	AudienceUnset Audience = iota
	AudienceEveryone
	AudienceAllowed // those alone whom an edge allows, or who have a window
)

var audienceNames = [...]string{"", "everyone", "allowed"}

func (a Audience) String() string { return nameOf(audienceNames[:], uint8(a), "Audience") }

// ParseAudience reads "everyone" or "allowed".
func ParseAudience(s string) (Audience, error) {
	i, err := parseName(audienceNames[1:], s, "default")
	return Audience(i + 1), err
}

// SeenPolicy is what others are told of when a participant was last seen.
type SeenPolicy uint8

// The policies. SeenUnset means SeenExact.
const (
	SeenUnset SeenPolicy = iota
	SeenExact
	SeenCoarse // the day
	SeenHidden // nothing
)

var seenNames = [...]string{"", "exact", "coarse", "hidden"}

func (s SeenPolicy) String() string { return nameOf(seenNames[:], uint8(s), "SeenPolicy") }

// ParseSeenPolicy reads "exact", "coarse" or "hidden".
func ParseSeenPolicy(s string) (SeenPolicy, error) {
	i, err := parseName(seenNames[1:], s, "last_seen")
	return SeenPolicy(i + 1), err
}

// Visibility is what a participant has set about who sees what.
type Visibility struct {
	Audience Audience
	LastSeen SeenPolicy
}

// VisibilityChange says which members of a Visibility are set, and to what.
type VisibilityChange struct {
	Visibility
	SetAudience, SetLastSeen bool
}

// What a participant has set stands in its fact. When, in two cells whose hash is no viewer's, for
// each member one: the kind is the value.
const (
	noViewer     = 0
	cellAudience = 1 // and the Audience
	cellLastSeen = 4 // and the SeenPolicy
)

func isAudience(c cell) bool { return c.kind() < cellLastSeen }
func isLastSeen(c cell) bool { return c.kind() >= cellLastSeen }

// isUnset reports whether a cell of no viewer says that a member was unset.
func isUnset(c cell) bool { return c.kind() == cellAudience || c.kind() == cellLastSeen }

// unsetKind is the kind of a cell that says that the same member was unset.
func unsetKind(c cell) uint64 {
	if isAudience(c) {
		return cellAudience
	}
	return cellLastSeen
}

// SetVisibility stores what a participant has set, if version is newer than what is known.
func (p *Partition) SetVisibility(k Key, c VisibilityChange, version Version) Outcome {
	if !c.SetAudience && !c.SetLastSeen {
		return Done
	}
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	if c.SetAudience {
		p.mergeMember(who, wordOf(version, cellAudience+int(c.Audience)), isAudience)
	}
	if c.SetLastSeen {
		p.mergeMember(who, wordOf(version, cellLastSeen+int(c.LastSeen)), isLastSeen)
	}
	p.file(who)
	return Done
}

// mergeMember takes in a member if its word is greater: that is newer, or of the same version and
// stricter. 0 is none.
func (p *Partition) mergeMember(who uint32, word uint64, is func(cell) bool) {
	if word == 0 {
		return
	}
	before, l := p.look(who), p.makeList(who)
	place, found := p.cells.first(l, noViewer, is)
	if found && p.cells.in(l)[place].word >= word {
		return
	}
	if found {
		p.cells.remove(l, place)
	}
	c := cell{noViewer, word}
	p.cells.insert(l, c)
	p.setMember(p.factOf(who), c)
	p.noteCell(who, noViewer)
	if isUnset(c) {
		p.await(who, p.forgetAt(p.versionOf(c)))
	}
	if now := p.look(who); now != before {
		p.changed(who, now, false)
	}
}

// setMember makes the fact say what the cell does.
func (p *Partition) setMember(f *fact, c cell) {
	if isAudience(c) {
		f.audience = Audience(c.kind() - cellAudience)
	} else {
		f.lastSeen = SeenPolicy(c.kind() - cellLastSeen)
	}
}

// visibilityOf is what counts for a participant with a fact, or without: nil.
func (p *Partition) visibilityOf(f *fact) Visibility {
	v := Visibility{max(p.settings.Audience, AudienceEveryone), SeenExact}
	if f != nil && f.audience != AudienceUnset {
		v.Audience = f.audience
	}
	if f != nil && f.lastSeen != SeenUnset {
		v.LastSeen = f.lastSeen
	}
	return v
}
