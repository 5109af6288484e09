package cluster

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// A request about ids names each viewer once, and with each id the numbers of those who watch it at this gateway:
//
//	names    4 bytes: how many │ text …
//	ids      4 bytes: how many │ text, 1 byte: how many viewers, 2 bytes each: number of a name │ …
//
// The answer has for each id the Answer, the view, and a bit for each viewer. Its size depends on what was asked, and on
// nothing that the owner knows.

// Bounds of one request. Its answer has 29 bytes an id at most, so it fits into a frame of any class.
const (
	maxQuestions = 1 << 15
	maxNames     = 1 << 16
)

// appendQuestions writes the first of questions, as many as fit into one request, and returns how many those are.
func appendQuestions(questions []Question) (b []byte, n int) {
	numbers := make(map[string]int)
	var names, ids []byte
	for n < min(len(questions), maxQuestions) && len(names)+len(ids) < maxBatch && len(numbers) <= maxNames-shard.MaxViewers {
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

// questions reads a request. One that is larger than any node writes is refused: each of its pairs takes more memory
// here than in the message.
func readQuestions(d *message.Reader) []Question {
	if d.Left() > 2*maxBatch {
		d.Failf("questions of %d bytes", d.Left())
	}
	d.Share()
	names := make([]shard.Key, d.Count(2))
	for i := range names {
		names[i] = shard.KeyOf(d.Participant())
	}
	all := make([]Question, d.Count(3))
	var pairs []shard.Key
	for i := range all {
		all[i].ID = d.Participant()
		from := len(pairs)
		pairs = readViewers(d, names, pairs)
		all[i].Viewers = pairs[from:len(pairs):len(pairs)]
	}
	return all
}

// viewers appends those whom one question asks about.
func readViewers(d *message.Reader, names, pairs []shard.Key) []shard.Key {
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

func appendSight(b []byte, s *Sight, viewers int) []byte {
	b = message.AppendView(append(b, byte(s.Answer)), &s.View)
	for i := 0; i < viewers; i += 8 {
		b = append(b, byte(s.Excepted>>i))
	}
	return b
}

func readSight(d *message.Reader, viewers int) Sight {
	s := Sight{Answer: host.Answer(d.Byte()), View: d.View()}
	for i := 0; i < viewers; i += 8 {
		s.Excepted |= uint64(d.Byte()) << i
	}
	return s
}

func appendSights(questions []Question, sights []Sight) (b []byte) {
	for i := range sights {
		b = appendSight(b, &sights[i], len(questions[i].Viewers))
	}
	return b
}

func appendUpdate(b []byte, u *Update) []byte {
	b = append(message.AppendView(codec.AppendText(b, u.ID), &u.View), message.Bool(u.Ask), byte(len(u.Words)))
	for _, w := range u.Words {
		b = message.AppendUint64(append(codec.AppendText(b, w.Viewer), message.Bool(w.Excepted)), w.Order)
	}
	return b
}

func readUpdate(d *message.Reader) Update {
	u := Update{ID: d.Participant(), View: d.View(), Ask: d.Byte() == 1}
	for range int(d.Byte()) {
		w := Word{Viewer: d.Participant(), Excepted: d.Byte() == 1, Order: d.Uint64()}
		if d.Err() != nil {
			break
		}
		u.Words = append(u.Words, w)
	}
	return u
}

// watchFor is the owner's side of askWatch. The answer leaves before the changes that follow it, and after those before.
func (f *feed) watchFor(req link.Request) {
	d := message.NewReader(req.Payload)
	questions := readQuestions(d)
	r := f.remoteOf(req.Conn)
	if err := d.End(); err != nil || r == nil {
		req.Fail(message.ErrDamaged)
		return
	}
	sights := make([]Sight, len(questions))
	f.node.host.Watch(r.id, questions, sights, func() { req.Reply(appendSights(questions, sights)) })
}

// glimpseFor is the owner's side of a glimpse: views and exceptions, and no interest.
func (f *feed) glimpseFor(d *message.Reader) ([]byte, error) {
	questions := readQuestions(d)
	if err := d.End(); err != nil {
		return nil, err
	}
	sights := make([]Sight, len(questions))
	f.node.host.Glimpse(questions, sights)
	return appendSights(questions, sights), nil
}
