package cluster

import (
	"fmt"
	"strings"

	"github.com/scaiwave/presence/cluster/link"
)

// maxFigureText is how many bytes of a text are told to others. A reason may name a hundred nodes.
const maxFigureText = 255

// appendFigures writes the numbers, the texts, of each other member the id and a bit for each class
// that is missing, and whom the node suspects.
func appendFigures(b []byte, f Figures) []byte {
	b = appendUint64(appendUint64(b, uint64(f.Participants)), uint64(f.Devices))
	b = appendUint64(appendUint64(b, uint64(f.Heartbeats)), uint64(f.Changes))
	b = appendUint32(b, f.Sockets)
	b = appendText(appendText(appendText(b, f.Version), f.NotReady), f.Remark)
	b = appendUint32(b, len(f.Links))
	for id, missing := range f.Links {
		b = append(appendText(b, id), bitsOf(missing))
	}
	return appendTexts(b, f.Suspects)
}

func (d *decoder) figures() Figures {
	f := Figures{
		Participants: int(d.uint64()), Devices: int(d.uint64()),
		Heartbeats: int64(d.uint64()), Changes: int64(d.uint64()), Sockets: int(d.uint32()),
		Version: d.words(), NotReady: d.words(), Remark: d.words(),
	}
	n := d.count(1 + 1)
	f.Links = make(map[string][]string, n)
	for range n {
		id := d.participant()
		f.Links[id] = d.classes()
	}
	f.Suspects = d.participants()
	return f
}

// words reads a text for people to read.
func (d *decoder) words() string { return strings.ToValidUTF8(d.text(), "?") }

// classes reads the names of classes.
func (d *decoder) classes() (names []string) {
	bits := d.byte()
	for _, c := range link.Classes {
		if bits&(1<<c) != 0 {
			names = append(names, c.String())
		}
	}
	if d.err == nil && bits >= 1<<len(link.Classes) {
		d.err = fmt.Errorf("%w: classes %b", errMessage, bits)
	}
	return names
}

func bitsOf(classes []string) (bits byte) {
	for _, c := range link.Classes {
		for _, name := range classes {
			if name == c.String() {
				bits |= 1 << c
			}
		}
	}
	return bits
}

// bounded is the beginning of a text, in whole characters.
func bounded(s string) string {
	if len(s) <= maxFigureText {
		return s
	}
	const more = "…"
	return strings.ToValidUTF8(s[:maxFigureText-len(more)], "") + more
}
