package cluster

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/codec"
)

// appendFigures writes the numbers, the texts, of each other member the id and a bit for each class
// that is missing, and whom the node suspects.
func appendFigures(b []byte, f Figures) []byte {
	b = message.AppendUint64(message.AppendUint64(b, uint64(f.Participants)), uint64(f.Devices))
	b = message.AppendUint64(message.AppendUint64(b, uint64(f.Heartbeats)), uint64(f.Changes))
	b = message.AppendUint32(b, f.Sockets)
	b = codec.AppendText(codec.AppendText(codec.AppendText(b, f.Version), f.NotReady), f.Remark)
	b = message.AppendUint32(b, len(f.Links))
	for id, missing := range f.Links {
		b = append(codec.AppendText(b, id), bitsOf(missing))
	}
	return message.AppendTexts(b, f.Suspects)
}

func readFigures(d *message.Reader) Figures {
	f := Figures{
		Participants: int(d.Uint64()), Devices: int(d.Uint64()),
		Heartbeats: int64(d.Uint64()), Changes: int64(d.Uint64()), Sockets: int(d.Uint32()),
		Version: d.Words(), NotReady: d.Words(), Remark: d.Words(),
	}
	n := d.Count(1 + 1)
	f.Links = make(map[string][]string, n)
	for range n {
		id := d.Participant()
		f.Links[id] = readClasses(d)
	}
	f.Suspects = d.Participants()
	return f
}

// classes reads the names of classes.
func readClasses(d *message.Reader) (names []string) {
	bits := d.Byte()
	for _, c := range link.Classes {
		if bits&(1<<c) != 0 {
			names = append(names, c.String())
		}
	}
	if d.Err() == nil && bits >= 1<<len(link.Classes) {
		d.Failf("classes %b", bits)
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
