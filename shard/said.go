package shard

import (
	"encoding/binary"
	"slices"

	"github.com/scaiwave/presence/shard/codec"
)

// Statements travel as facts that a node of the version before keeps as they are: see opaque.go.
// The rest of such a fact is the mark (a byte), the end (uvarint), and
//
//	status, stood   emoji, a text; the length of the text, uvarint; the text
//	pick            the version of the first pick of the run, uvarint; 0: it is this one
//
// until is when it need not be remembered any longer, and the subkey the source of a claim.

func (p *Partition) noteSaid(who uint32, kind uint8, source string) {
	if p.mirrored {
		b := append(codec.AppendText(p.notedSaid, p.id(who)), kind)
		p.notedSaid = codec.AppendText(b, source)
	}
}

// takeSaid takes the noted statements.
func (p *Partition) takeSaid(b []byte) []byte {
	for rest := p.notedSaid; len(rest) > 0; {
		var id, source string
		id, rest = cutName(rest)
		kind := rest[0]
		source, rest = cutName(rest[1:])
		if who := p.find(KeyOf(id)); who != none {
			b = p.appendSaid(b, who, kind, source)
		}
	}
	p.notedSaid = p.notedSaid[:0]
	return b
}

// appendSaid writes one statement of a participant, if it is there.
func (p *Partition) appendSaid(b []byte, who uint32, kind uint8, source string) []byte {
	s := p.statement(p.findSaid(who, kind, source))
	if latest := p.statement(p.findSaid(who, saidStatus, "")); kind == saidStood && latest.mark&markStood != 0 {
		s = latest
	}
	if s == &silence {
		return b
	}
	in := p.sayingOf(s)
	in.kind = kind
	return p.appendSaying(b, p.id(who), &in)
}

// appendAllSaid writes all statements.
func (p *Partition) appendAllSaid(b []byte) []byte {
	for who := range p.allFirst {
		for _, s := range p.allSaid(who) {
			in := p.sayingOf(s)
			b = p.appendSaying(b, p.id(who), &in)
			if s.mark&markStood != 0 {
				in.kind = saidStood
				b = p.appendSaying(b, p.id(who), &in)
			}
		}
	}
	return b
}

func (p *Partition) appendSaying(b, id []byte, in *saying) []byte {
	rest := codec.AppendText(codec.AppendText(nil, id), in.source)
	rest = binary.BigEndian.AppendUint64(rest, uint64(in.version))
	rest = binary.AppendUvarint(rest, uint64(p.keepUntil(in)))
	rest = binary.AppendUvarint(append(rest, in.mark&^markStood), uint64(in.until))
	switch in.kind {
	case saidStatus, saidStood:
		rest = binary.AppendUvarint(codec.AppendText(rest, in.emoji), uint64(len(in.text)))
		rest = append(rest, in.text...)
	case saidPick:
		rest = binary.AppendUvarint(rest, uint64(in.run))
	}
	return appendLong(b, in.kind, rest)
}

// keepUntil is when a saying need not be remembered any longer, in Unix milliseconds. 0: as long as
// nothing newer is known.
func (p *Partition) keepUntil(in *saying) int64 {
	lasts := !in.isOver() && in.until == 0 && in.kind != saidAvailability
	if lasts || in.kind == saidAvailability && Availability(in.mark) == UntilSilent {
		return 0
	}
	return p.forgetSaid(in.version, in.until)
}

// said reads a statement of a kind; check with err before using it.
func (r *reader) said(kind uint8) (in saying) {
	in.kind, in.participant = kind, r.Valid(ValidateInnerID)
	in.source = r.Text()
	in.version = Version(r.Uint64())
	r.top = max(r.top, in.version)
	r.Uvarint(maxMillis, "until of a statement")
	in.mark, in.until = r.Byte(), int64(r.Uvarint(maxMillis, "end of a statement"))
	marks := []uint8{0, markOver}
	switch kind {
	case saidStatus, saidStood:
		marks = append(marks, markPublic, markPublic|markOver, markBehind, markBehind|markOver)
		r.words(&in)
	case saidPick:
		in.run = r.version("first pick of a run")
	case saidAvailability:
		marks = []uint8{uint8(Always), uint8(UntilSilent)}
	}
	if !slices.Contains(marks, in.mark) || in.version == 0 {
		r.Failf("statement of kind %d, version %d and the mark %#x", kind, in.version, in.mark)
	}
	r.source(&in)
	return in
}

// words reads those of a status.
func (r *reader) words(in *saying) {
	in.emoji = r.Text()
	in.text = string(r.Take(int(r.Uvarint(MaxStatusText, "length of a status"))))
	if in.isOver() {
		return
	}
	if err := ValidateStatus(Status{Text: in.text, Emoji: in.emoji}); err != nil {
		r.Failf("%w", err)
	}
}

// source looks at that of a claim, which nothing else has.
func (r *reader) source(in *saying) {
	if in.kind != saidClaim {
		if in.source != "" {
			r.Failf("statement of kind %d with a source", in.kind)
		}
		return
	}
	if err := ValidateSource(in.source); err != nil {
		r.Failf("%w", err)
	}
	if in.until == 0 && !in.isOver() {
		r.Failf("claim without an end")
	}
}
