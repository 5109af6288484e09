package gateway

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// list is a JSON array that knows whether it was there at all.
type list[T any] struct {
	items []T
	there bool
}

func (l *list[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	l.there = true
	return json.UnmarshalDecode(d, &l.items)
}

// batch carries out a list of items T, each by itself, as calls C of the cluster. It is memory that requests use one after another.
type batch[T, C any] struct {
	list   list[T]
	calls  []C     // the items that are well-formed
	places []int   // where they are in the list
	errs   []error // of the calls
	all    []error // of the items
}

// run checks the items and makes the calls for the good ones; all then says how each item went.
func (b *batch[T, C]) run(ctx context.Context, parse func(*T) (C, error), do func(context.Context, []C, []error)) {
	n := len(b.list.items)
	b.calls, b.places = b.calls[:0], b.places[:0]
	b.all = sized(b.all, n)
	for i := range b.list.items {
		call, err := parse(&b.list.items[i])
		b.all[i] = err
		if err == nil {
			b.calls, b.places = append(b.calls, call), append(b.places, i)
		}
	}
	b.errs = sized(b.errs, len(b.calls))
	do(ctx, b.calls, b.errs)
	for i, place := range b.places {
		b.all[place] = b.errs[i]
	}
}

// sized returns s with length n and zero values.
func sized[E any](s []E, n int) []E {
	if n > cap(s) {
		return make([]E, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// check refuses a list that is missing or too long.
func (b *batch[T, C]) check(name string, maxItems int) error {
	if !b.list.there {
		return wire.Errorf(wire.BadRequest, "%s is missing; it must be an array of up to %d items", name, maxItems)
	}
	if n := len(b.list.items); n > maxItems {
		return wire.Errorf(wire.TooManyItems, "%d items in one request; the limit is %d", n, maxItems)
	}
	return nil
}

// report answers how each item of a batch went.
func (c *call) report(errs []error) error {
	rejected := 0
	for _, err := range errs {
		if err != nil {
			rejected++
		}
	}
	b := append(c.out[:0], `{"accepted":`...)
	b = strconv.AppendInt(b, int64(len(errs)-rejected), 10)
	b = append(b, `,"rejected":[`...)
	start := len(b)
	for i, err := range errs {
		if err == nil {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = c.appendRejected(b, i, wire.FromError(err))
	}
	c.out = append(b, `]}`...)
	return c.json(c.out)
}

func (c *call) appendRejected(b []byte, index int, e *wire.Error) []byte {
	c.s.metrics.rejected(e.Code)
	b = append(b, `{"index":`...)
	b = strconv.AppendInt(b, int64(index), 10)
	b = append(b, `,"code":`...)
	b = wire.AppendString(b, string(e.Code))
	b = append(b, `,"message":`...)
	b = wire.AppendString(b, e.Detail)
	return append(b, '}')
}

// beat is an item of POST /v1/heartbeats.
type beat struct {
	Participant string `json:"participant_id"`
	Device      string `json:"device_id"`
	Activity    string `json:"activity"`
}

func (b *beat) parse() (cluster.Heartbeat, error) {
	h := cluster.Heartbeat{Participant: b.Participant, Device: b.Device}
	if err := shard.ValidateParticipant(b.Participant); err != nil {
		return h, named("participant_id", err)
	}
	if err := shard.ValidateDevice(b.Device); err != nil {
		return h, named("device_id", err)
	}
	var err error
	if h.Activity, err = shard.ParseActivity(b.Activity); err != nil {
		return h, wire.Errorf(wire.BadRequest, "%v", err)
	}
	return h, nil
}

var beatBatches = sync.Pool{New: func() any { return new(batch[beat, cluster.Heartbeat]) }}

// postHeartbeats is POST /v1/heartbeats.
func postHeartbeats(c *call) error {
	b := beatBatches.Get().(*batch[beat, cluster.Heartbeat])
	defer beatBatches.Put(b)
	body := struct {
		Heartbeats *list[beat] `json:"heartbeats"`
	}{&b.list}
	b.list = list[beat]{items: b.list.items[:0]}
	if err := c.decode(&body); err != nil {
		return err
	}
	if err := b.check("heartbeats", c.s.config.Limits.MaxItems); err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	b.run(ctx, (*beat).parse, c.s.config.Cluster.Heartbeats)
	c.s.metrics.heartbeats.Add(float64(len(b.calls)))
	return c.report(b.all)
}

// directMessage is an item of POST /v1/direct-messages.
type directMessage struct {
	Participants []string `json:"participants"`
	At           *string  `json:"at"`
}

// maxAhead is how far in the future a direct message may be: backends' clocks differ.
const maxAhead = 5 * time.Second

func (m *directMessage) parse(now time.Time) (cluster.DirectMessage, error) {
	dm := cluster.DirectMessage{At: now}
	if len(m.Participants) != 2 || m.Participants[0] == m.Participants[1] {
		return dm, wire.Errorf(wire.BadRequest, "participants must be two different participants")
	}
	dm.A, dm.B = m.Participants[0], m.Participants[1]
	for _, id := range m.Participants {
		if err := shard.ValidateParticipant(id); err != nil {
			return dm, named("participants", err)
		}
	}
	if m.At == nil {
		return dm, nil
	}
	if err := dm.At.UnmarshalText([]byte(*m.At)); err != nil {
		return dm, wire.Errorf(wire.BadRequest, "at is %.40q; it must be a time as in RFC 3339, such as 2026-11-23T10:15:30Z", *m.At)
	}
	if dm.At.After(now.Add(maxAhead)) {
		return dm, wire.Errorf(wire.BadRequest, "at is more than %v in the future", maxAhead)
	}
	return dm, nil
}

// postDirectMessages is POST /v1/direct-messages.
func postDirectMessages(c *call) error {
	var body struct {
		Messages list[directMessage] `json:"direct_messages"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	b := batch[directMessage, cluster.DirectMessage]{list: body.Messages}
	if err := b.check("direct_messages", c.s.config.Limits.MaxItems); err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	now := time.Now()
	parse := func(m *directMessage) (cluster.DirectMessage, error) { return m.parse(now) }
	b.run(ctx, parse, c.s.config.Cluster.DirectMessages)
	return c.report(b.all)
}
