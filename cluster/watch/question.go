package watch

import (
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// A request about ids names each viewer once, and with each id the numbers of those who watch it at
// this gateway:
//
//	names    4 bytes: how many │ text …, or of full messages 8 bytes, a hash …
//	ids      4 bytes: how many │ text, 1 byte: how many viewers, 2 bytes each: number of name │ …
//
// The answer has for each id the Answer, the view, and a bit for each viewer, or two. Its size
// depends on what was asked, and on nothing that the owner knows.
//
// Full messages are for nodes that know of edges and blocks; see message.OpWatchTrusts. In the
// others a viewer has a window or not.

// Bounds of one request. Its answer has 38 bytes an id at most, so it fits into a frame of any
// class.
const (
	maxMessage   = message.MaxBatch // about how many bytes it has, and a push
	maxQuestions = 1 << 14
	maxNames     = 1 << 16
)

// appendQuestions writes the first of questions, as many as fit into one request, and returns how
// many those are.
func appendQuestions(questions []host.Question, full bool) (b []byte, n int) {
	numbers := make(map[uint64]int)
	var names, ids []byte
	for n < min(len(questions), maxQuestions) && len(names)+len(ids) < maxMessage &&
		len(numbers) <= maxNames-shard.MaxViewers {
		q := &questions[n]
		ids = append(codec.AppendText(ids, q.ID), byte(len(q.Viewers)))
		for _, v := range q.Viewers {
			number, ok := numbers[v.Hash]
			if !ok {
				number = len(numbers)
				numbers[v.Hash] = number
				names = appendViewer(names, v, full)
			}
			ids = message.AppendUint16(ids, number)
		}
		n++
	}
	b = append(message.AppendUint32(nil, len(numbers)), names...)
	return append(message.AppendUint32(b, n), ids...), n
}

func appendViewer(b []byte, v shard.Viewer, full bool) []byte {
	if full {
		return message.AppendUint64(b, v.Hash)
	}
	return codec.AppendText(b, v.ID)
}

// maker makes the viewer of an id.
type maker func(id string) shard.Viewer

func (m maker) read(d *message.Reader, full bool) shard.Viewer {
	if full {
		return shard.Viewer{Hash: d.Uint64()}
	}
	return m(d.Participant())
}

// readRequest reads questions. A request that is larger than any node writes is refused: each of
// its pairs takes more memory here than in the message. Each viewer is made once.
func readRequest(d *message.Reader, viewer maker, full bool) ([]host.Question, error) {
	if d.Left() > 2*maxMessage {
		d.Failf("questions of %d bytes", d.Left())
	}
	d.Share()
	names := make([]shard.Viewer, d.Count(2))
	for i := range names {
		names[i] = viewer.read(d, full)
	}
	all := make([]host.Question, d.Count(3))
	var pairs []shard.Viewer
	for i := range all {
		all[i].ID = d.Participant()
		from := len(pairs)
		pairs = readViewers(d, names, pairs)
		all[i].Viewers = pairs[from:len(pairs):len(pairs)]
	}
	return all, d.End()
}

// readViewers appends those that one question asks for.
func readViewers(d *message.Reader, names, pairs []shard.Viewer) []shard.Viewer {
	n := int(d.Byte())
	if n > shard.MaxViewers {
		d.Failf("%d viewers of one id, and %d at most", n, shard.MaxViewers)
	}
	for range n {
		number := int(d.Uint16())
		if number >= len(names) {
			d.Failf("viewer %d of %d", number, len(names))
		}
		if d.Err() != nil {
			return pairs
		}
		pairs = append(pairs, names[number])
	}
	return pairs
}

// appendSights writes the answer to questions.
func appendSights(questions []host.Question, sights []host.Sight, full bool) (b []byte) {
	for i := range sights {
		s, viewers := &sights[i], len(questions[i].Viewers)
		b = append(b, byte(s.Answer))
		if full {
			b = appendTrusts(message.AppendFullView(b, &s.View), &s.Trusts, viewers)
		} else {
			b = appendExcepted(message.AppendView(b, &s.View), &s.Trusts, viewers)
		}
	}
	return b
}

func appendTrusts(b []byte, t *shard.Trusts, viewers int) []byte {
	for from := 0; from < viewers; from += 4 {
		b = append(b, byte(t[from/32]>>(from%32*2)))
	}
	return b
}

func appendExcepted(b []byte, t *shard.Trusts, viewers int) []byte {
	for from := 0; from < viewers; from += 8 {
		bits := byte(0)
		for i := from; i < min(from+8, viewers); i++ {
			bits |= message.Bool(t.Of(i) == shard.Excepted) << (i - from)
		}
		b = append(b, bits)
	}
	return b
}

// readSights reads the answer to questions.
func readSights(reply []byte, questions []host.Question, sights []host.Sight, full bool) error {
	d := message.NewReader(reply)
	for i := range sights {
		s := host.Sight{Answer: host.Answer(d.Byte())}
		if full {
			s.View = d.FullView()
			readTrusts(d, &s.Trusts, len(questions[i].Viewers))
		} else {
			s.View = d.View()
			readExcepted(d, &s.Trusts, len(questions[i].Viewers))
		}
		sights[i] = s
	}
	return d.End()
}

func readTrusts(d *message.Reader, t *shard.Trusts, viewers int) {
	for from := 0; from < viewers; from += 4 {
		t[from/32] |= uint64(d.Byte()) << (from % 32 * 2)
	}
}

func readExcepted(d *message.Reader, t *shard.Trusts, viewers int) {
	for from := 0; from < viewers; from += 8 {
		bits := d.Byte()
		for i := from; i < min(from+8, viewers); i++ {
			if bits>>(i-from)&1 == 1 {
				t.Set(i, shard.Excepted)
			}
		}
	}
}
