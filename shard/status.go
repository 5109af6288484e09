package shard

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Status is what a participant says of itself. The zero Status is none.
type Status struct {
	Text, Emoji string
	Until       int64 // Unix milliseconds of its end; 0: it has none
}

// Longest parts of a status, in bytes.
const (
	MaxStatusText  = 256
	MaxStatusEmoji = 32
)

// ErrInvalidStatus is wrapped by every complaint about a status.
var ErrInvalidStatus = errors.New("invalid status")

// ValidateStatus says what is wrong with a status, or nil. Its end is not looked at.
func ValidateStatus(s Status) error {
	if s.Text == "" && s.Emoji == "" {
		return fmt.Errorf("%w: text and emoji are both empty", ErrInvalidStatus)
	}
	if err := validateWords("text", s.Text, MaxStatusText); err != nil {
		return err
	}
	return validateWords("emoji", s.Emoji, MaxStatusEmoji)
}

func validateWords(what, s string, maxBytes int) error {
	if len(s) > maxBytes {
		return fmt.Errorf("%w: %s is %d bytes long; the limit is %d", ErrInvalidStatus, what, len(s), maxBytes)
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%w: %s is not valid UTF-8", ErrInvalidStatus, what)
	}
	for _, r := range s {
		if unicode.Is(unicode.Cc, r) {
			return fmt.Errorf("%w: %s contains %U; control characters are not allowed", ErrInvalidStatus, what, r)
		}
	}
	return nil
}

// SetStatus stores what a participant says of itself, if version is newer than what is known. The
// zero status clears it. A public one reaches strangers even while the participant hides.
func (p *Partition) SetStatus(now Tick, k Key, s Status, public bool, version Version) Outcome {
	in := saying{kind: saidStatus, version: version, until: s.Until, emoji: s.Emoji, text: s.Text}
	if public {
		in.mark |= markPublic
	}
	if s.Text == "" && s.Emoji == "" {
		in.until = 0
		in.end()
	}
	if out, refused := p.refuseSaid(k, &in); refused {
		return out
	}
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	if !public && p.hides(who) {
		in.mark |= markBehind
	}
	p.noteSpeech(k, version)
	p.speak(who, func() {
		if p.hides(who) && p.stands(p.statement(p.findSaid(who, saidStatus, "")), p.runOf(who)) {
			p.stand(who)
		}
		if p.store(now, who, &in) && public && p.hides(who) {
			p.stand(who)
		}
	})
	return Done
}

// statusOf is what a statement says.
func (p *Partition) statusOf(s *statement) Status {
	if s.isOver() {
		return Status{}
	}
	return Status{Text: p.textAt(s.words), Emoji: string(p.names.name(s.words)), Until: s.until}
}
