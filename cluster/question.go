package cluster

import (
	"fmt"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
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
		ids = append(appendText(ids, q.ID), byte(len(q.Viewers)))
		for _, v := range q.Viewers {
			number, ok := numbers[v.ID]
			if !ok {
				number = len(numbers)
				numbers[v.ID] = number
				names = appendText(names, v.ID)
			}
			ids = appendUint16(ids, number)
		}
		n++
	}
	b = append(appendUint32(nil, len(numbers)), names...)
	return append(appendUint32(b, n), ids...), n
}

// questions reads a request. One that is larger than any node writes is refused: each of its pairs takes more memory
// here than in the message.
func (d *decoder) questions() []Question {
	if d.err == nil && len(d.b) > 2*maxBatch {
		d.err = fmt.Errorf("%w: questions of %d bytes", errMessage, len(d.b))
	}
	d.share()
	names := make([]shard.Key, d.count(2))
	for i := range names {
		names[i] = shard.KeyOf(d.participant())
	}
	all := make([]Question, d.count(3))
	var pairs []shard.Key
	for i := range all {
		all[i].ID = d.participant()
		from := len(pairs)
		pairs = d.viewers(names, pairs)
		all[i].Viewers = pairs[from:len(pairs):len(pairs)]
	}
	return all
}

// viewers appends those whom one question asks about.
func (d *decoder) viewers(names, pairs []shard.Key) []shard.Key {
	n := int(d.byte())
	if d.err == nil && n > shard.MaxViewers {
		d.err = fmt.Errorf("%w: %d viewers of one id, and %d at most", errMessage, n, shard.MaxViewers)
	}
	for range n {
		number := int(d.uint16())
		if d.err == nil && number >= len(names) {
			d.err = fmt.Errorf("%w: viewer %d of %d", errMessage, number, len(names))
		}
		if d.err != nil {
			return pairs
		}
		pairs = append(pairs, names[number])
	}
	return pairs
}

func appendSight(b []byte, s *Sight, viewers int) []byte {
	b = appendView(append(b, byte(s.Answer)), &s.View)
	for i := 0; i < viewers; i += 8 {
		b = append(b, byte(s.Excepted>>i))
	}
	return b
}

func (d *decoder) sight(viewers int) Sight {
	s := Sight{Answer: host.Answer(d.byte()), View: d.view()}
	for i := 0; i < viewers; i += 8 {
		s.Excepted |= uint64(d.byte()) << i
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
	b = append(appendView(appendText(b, u.ID), &u.View), boolByte(u.Ask), byte(len(u.Words)))
	for _, w := range u.Words {
		b = appendUint64(append(appendText(b, w.Viewer), boolByte(w.Excepted)), w.Order)
	}
	return b
}

func (d *decoder) update() Update {
	u := Update{ID: d.participant(), View: d.view(), Ask: d.byte() == 1}
	for range int(d.byte()) {
		w := Word{Viewer: d.participant(), Excepted: d.byte() == 1, Order: d.uint64()}
		if d.err != nil {
			break
		}
		u.Words = append(u.Words, w)
	}
	return u
}

// watchFor is the owner's side of askWatch. The answer leaves before the changes that follow it, and after those before.
func (f *feed) watchFor(req link.Request) {
	d := decoder{b: req.Payload}
	questions := d.questions()
	r := f.remoteOf(req.Conn)
	if err := d.end(); err != nil || r == nil {
		req.Fail(errMessage)
		return
	}
	sights := make([]Sight, len(questions))
	f.node.host.Watch(r.id, questions, sights, func() { req.Reply(appendSights(questions, sights)) })
}

// glimpseFor is the owner's side of a glimpse: views and exceptions, and no interest.
func (f *feed) glimpseFor(d *decoder) ([]byte, error) {
	questions := d.questions()
	if err := d.end(); err != nil {
		return nil, err
	}
	sights := make([]Sight, len(questions))
	f.node.host.Glimpse(questions, sights)
	return appendSights(questions, sights), nil
}
