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
//	names    4 bytes: how many │ text …
//	ids      4 bytes: how many │ text, 1 byte: how many viewers, 2 bytes each: number of name │ …
//
// The answer has for each id the Answer, the view, and a bit for each viewer. Its size depends on
// what was asked, and on nothing that the owner knows.

// Bounds of one request. Its answer has 29 bytes an id at most, so it fits into a frame of any
// class.
const (
	maxMessage   = message.MaxBatch // about how many bytes it has, and a push
	maxQuestions = 1 << 15
	maxNames     = 1 << 16
)

// appendQuestions writes the first of questions, as many as fit into one request, and returns how
// many those are.
func appendQuestions(questions []host.Question) (b []byte, n int) {
	numbers := make(map[string]int)
	var names, ids []byte
	for n < min(len(questions), maxQuestions) && len(names)+len(ids) < maxMessage &&
		len(numbers) <= maxNames-shard.MaxViewers {
		q := &questions[n]
		ids = append(codec.AppendText(ids, q.ID), byte(len(q.Viewers)))
		for _, v := range q.Viewers {
			number, ok := numbers[v.ID]
			if !ok {
				number = len(numbers)
				numbers[v.ID] = number
				names = codec.AppendText(names, v.ID)
			}
			ids = message.AppendUint16(ids, number)
		}
		n++
	}
	b = append(message.AppendUint32(nil, len(numbers)), names...)
	return append(message.AppendUint32(b, n), ids...), n
}

// readRequest reads questions. A request that is larger than any node writes is refused: each of
// its pairs takes more memory here than in the message. Each viewer is made once.
func readRequest(d *message.Reader, viewer func(id string) shard.Viewer) ([]host.Question, error) {
	if d.Left() > 2*maxMessage {
		d.Failf("questions of %d bytes", d.Left())
	}
	d.Share()
	names := make([]shard.Viewer, d.Count(2))
	for i := range names {
		names[i] = viewer(d.Participant())
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
func appendSights(questions []host.Question, sights []host.Sight) (b []byte) {
	for i := range sights {
		s := &sights[i]
		b = message.AppendView(append(b, byte(s.Answer)), &s.View)
		for bit := 0; bit < len(questions[i].Viewers); bit += 8 {
			b = append(b, byte(s.Excepted>>bit))
		}
	}
	return b
}

// readSights reads the answer to questions.
func readSights(reply []byte, questions []host.Question, sights []host.Sight) error {
	d := message.NewReader(reply)
	for i := range sights {
		s := host.Sight{Answer: host.Answer(d.Byte()), View: d.View()}
		for bit := 0; bit < len(questions[i].Viewers); bit += 8 {
			s.Excepted |= uint64(d.Byte()) << bit
		}
		sights[i] = s
	}
	return d.End()
}
