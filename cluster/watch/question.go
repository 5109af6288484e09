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
//	names    4 bytes: how many │ 8 bytes, a hash …
//	ids      4 bytes: how many │ text, 1 byte: how many viewers, 2 bytes each: number of name │ …
//	                           │ from FormSayings on 1 byte: what is wanted
//
// The answer has for each id the Answer, the view, and two bits for each viewer. Its size depends
// on what was asked, and on nothing that the owner knows.

// Bounds of one request. Its answer has 39 bytes an id at most, so it fits into a frame of any
// class; with what was said it may have 1,400, so fewer ids are asked about with that.
const (
	maxMessage   = message.MaxBatch // about how many bytes it has, and a push
	maxQuestions = 1 << 14
	maxWithSaid  = 1 << 11 // of these, with statuses
	maxNames     = 1 << 16
)

// appendQuestions writes the first of questions, as many as fit into one request, and returns how
// many those are.
func appendQuestions(questions []host.Question, as Form) (b []byte, n int) {
	numbers := make(map[uint64]int)
	var names, ids []byte
	wanted := 0
	for wanted < maxWithSaid && n < min(len(questions), maxQuestions) && len(names)+len(ids) < maxMessage &&
		len(numbers) <= maxNames-shard.MaxViewers {
		q := &questions[n]
		ids = append(codec.AppendText(ids, q.ID), byte(len(q.Viewers)))
		for _, v := range q.Viewers {
			number, ok := numbers[v.Hash]
			if !ok {
				number = len(numbers)
				numbers[v.Hash] = number
				names = message.AppendUint64(names, v.Hash)
			}
			ids = message.AppendUint16(ids, number)
		}
		if as.hasSayings() {
			ids = append(ids, byte(q.With))
			wanted += int(q.With & shard.WithStatus)
		}
		n++
	}
	b = append(message.AppendUint32(nil, len(numbers)), names...)
	return append(message.AppendUint32(b, n), ids...), n
}

// readRequest reads questions. A request that is larger than any node writes is refused: each of
// its pairs takes more memory here than in the message.
func readRequest(d *message.Reader, as Form) ([]host.Question, error) {
	if d.Left() > 2*maxMessage {
		d.Failf("questions of %d bytes", d.Left())
	}
	d.Share()
	names := make([]shard.Viewer, d.Count(8))
	for i := range names {
		names[i].Hash = d.Uint64()
	}
	all := make([]host.Question, d.Count(3))
	var pairs []shard.Viewer
	for i := range all {
		all[i].ID = d.Participant()
		from := len(pairs)
		pairs = readViewers(d, names, pairs)
		all[i].Viewers = pairs[from:len(pairs):len(pairs)]
		if as.hasSayings() {
			all[i].With = shard.With(d.Byte())
		}
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
func appendSights(questions []host.Question, sights []host.Sight, as Form) (b []byte) {
	for i := range sights {
		s, viewers := &sights[i], len(questions[i].Viewers)
		b = appendTrusts(appendView(append(b, byte(s.Answer)), &s.View, as), &s.Trusts, viewers)
	}
	return b
}

func appendView(b []byte, v *shard.View, as Form) []byte {
	if b = message.AppendView(b, v); as.hasSayings() {
		b = message.AppendSayings(b, v.Sayings)
	}
	return b
}

func readView(d *message.Reader, as Form) shard.View {
	v := d.View()
	if as.hasSayings() {
		v.Sayings = d.Sayings()
	}
	return v
}

func appendTrusts(b []byte, t *shard.Trusts, viewers int) []byte {
	for from := 0; from < viewers; from += 4 {
		b = append(b, byte(t[from/32]>>(from%32*2)))
	}
	return b
}

// readSights reads the answer to questions.
func readSights(reply []byte, questions []host.Question, sights []host.Sight, as Form) error {
	d := message.NewReader(reply)
	for i := range sights {
		s := host.Sight{Answer: host.Answer(d.Byte()), View: readView(d, as)}
		readTrusts(d, &s.Trusts, len(questions[i].Viewers))
		sights[i] = s
	}
	return d.End()
}

func readTrusts(d *message.Reader, t *shard.Trusts, viewers int) {
	for from := 0; from < viewers; from += 4 {
		t[from/32] |= uint64(d.Byte()) << (from % 32 * 2)
	}
}
