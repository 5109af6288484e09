package shard

import (
	"cmp"
	"encoding/binary"
	"strings"
)

// statement is what few have said, or had said of them: 40 bytes. A participant's are a chain, in
// the order of their kinds and then of the sources of claims. An index of the Memory has the first
// one. So neither the record of a participant nor its fact knows of them, and who asks about states
// alone reads nothing of them.
type statement struct {
	version     Version
	until       int64  // Unix milliseconds of its end; 0: it has none
	await       int64  // of the first one: when to look at all of them; 0: never; see ends.go
	participant uint32 // the slot
	next        uint32 // the one after it, or none
	words       uint32 // where they stand in the arena; none: it has none
	kind        uint8
	mark        uint8
}

// The kinds of statements are kinds of extras, too.
const (
	saidStatus       = recordOpaque + iota // words: emoji and text
	saidStood                              // the status that strangers see on; words likewise; see stood.go
	saidPick                               // of the override of the same version; words: see pick.go
	saidAvailability                       // the mark is the Availability
	saidClaim                              // words: the source
)

// The marks of statements.
const (
	markPublic = 1 << 0 // of a status: it reaches everyone
	markBehind = 1 << 1 // of a status: it was said while its participant hid, and isn't public
	markStood  = 1 << 6 // of the latest status: it is also the one that stood; nobody else is told so
	markOver   = 1 << 7 // it says nothing any longer
)

// silence stands for what was not said. It is looked at likewise, so that a look-up takes as long.
var silence = statement{next: none, words: none, mark: markOver}

func (s *statement) isOver() bool { return s.mark&markOver != 0 }

// saying is a statement with its words, as it comes from elsewhere or goes there.
type saying struct {
	participant string // if it comes from elsewhere
	kind        uint8
	mark        uint8
	source      string // of a claim
	version     Version
	until       int64
	run         Version // of a pick: when the run of picks began; 0: with this one
	emoji, text string
}

func (s *saying) isOver() bool { return s.mark&markOver != 0 }

// end leaves of it what is remembered.
func (s *saying) end() {
	s.mark |= markOver
	s.emoji, s.text = "", ""
}

// compare is the order in which sayings of one kind and source replace each other. Of one version
// there is one, which may be over; should a broken peer send two, every node takes the same.
func (s *saying) compare(o *saying) int {
	return cmp.Or(
		cmp.Compare(s.version, o.version),
		cmp.Compare(s.mark&^markStood, o.mark&^markStood),
		cmp.Compare(s.until, o.until),
		cmp.Compare(s.run, o.run),
		strings.Compare(s.emoji, o.emoji),
		strings.Compare(s.text, o.text),
	)
}

// names are the words of a saying as the arena has them. A text may be longer than a name.
func (s *saying) names() []string {
	switch {
	case s.kind == saidClaim:
		return []string{s.source}
	case s.kind == saidPick && s.run != 0:
		return []string{string(binary.BigEndian.AppendUint64(nil, uint64(s.run)))}
	case s.kind > saidStood || s.isOver():
		return nil
	case len(s.text) < longestName:
		return []string{s.emoji, s.text}
	default:
		return []string{s.emoji, s.text[:longestName], s.text[longestName:]}
	}
}

// longestName is the length of a name, in bytes, that the rest of a text follows.
const longestName = 255

// textAt is the text of a status whose words stand there.
func (m *Memory) textAt(words uint32) string {
	at := m.names.after(words)
	text := m.names.name(at)
	if len(text) < longestName {
		return string(text)
	}
	return string(text) + string(m.names.name(m.names.after(at)))
}

// wordsEnd is the offset behind the words of a statement that has some.
func (m *Memory) wordsEnd(s *statement) uint32 {
	at := m.names.after(s.words)
	if s.kind > saidStood {
		return at
	}
	long := len(m.names.name(at)) == longestName
	if at = m.names.after(at); long {
		at = m.names.after(at)
	}
	return at
}

// sayingOf is a statement with its words.
func (m *Memory) sayingOf(s *statement) saying {
	in := saying{kind: s.kind, mark: s.mark, version: s.version, until: s.until}
	switch {
	case s.words == none:
	case s.kind == saidClaim:
		in.source = string(m.names.name(s.words))
	case s.kind == saidPick:
		in.run = m.runAt(s)
	default:
		in.emoji, in.text = string(m.names.name(s.words)), m.textAt(s.words)
	}
	return in
}

// runAt is the version that a pick has as its word.
func (m *Memory) runAt(pick *statement) Version {
	return Version(binary.BigEndian.Uint64(m.names.name(pick.words)))
}
