package gateway

import (
	"sync"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// beat is an item of POST /v1/heartbeats.
type beat struct {
	Participant string `json:"participant_id"`
	Device      string `json:"device_id"`
	Activity    string `json:"activity"`
}

func (b *beat) parse(in tenant.Name) (h cluster.Heartbeat, err error) {
	if err := shard.ValidateParticipant(b.Participant); err != nil {
		return h, named("participant_id", err)
	}
	if err := shard.ValidateDevice(b.Device); err != nil {
		return h, named("device_id", err)
	}
	activity, err := shard.ParseActivity(b.Activity)
	if err != nil {
		return h, wire.Errorf(wire.BadRequest, "%v", err)
	}
	return people.Heartbeat(in.Participant(b.Participant), b.Device, activity), nil
}

// beatsBody is the body of POST /v1/heartbeats.
type beatsBody struct {
	Heartbeats *wire.Batch[beat] `json:"heartbeats"`
}

func (b *beatsBody) decodeBatch(text []byte) *wire.Error {
	return wire.DecodeBatch(text, b, b.Heartbeats)
}

// scan is part of scanner.
func (b *beatsBody) scan(s wire.Scanner) bool {
	items := b.Heartbeats.Items[:0]
	s.Take('{')
	if s.Name() != "heartbeats" {
		return false
	}
	s.Take('[')
	for more := true; more && len(items) <= b.Heartbeats.Max; more = s.More(']') {
		items = append(items, scanBeat(&s))
	}
	s.Take('}')
	if !s.End() {
		return false
	}
	b.Heartbeats.Items, b.Heartbeats.There = items, true
	return true
}

func scanBeat(s *wire.Scanner) (b beat) {
	s.Take('{')
	for more := true; more; more = s.More('}') {
		into := b.member(s.Name())
		if into == nil || *into != "" { // unknown, or there twice
			s.GiveUp()
			return b
		}
		*into = s.Text()
		if *into == "" {
			s.GiveUp()
		}
	}
	return b
}

func (b *beat) member(name string) *string {
	switch name {
	case "participant_id":
		return &b.Participant
	case "device_id":
		return &b.Device
	case "activity":
		return &b.Activity
	}
	return nil
}

var beatBatches = sync.Pool{New: func() any { return new(batch[beat, cluster.Heartbeat]) }}

// postHeartbeats is POST /v1/heartbeats.
func postHeartbeats(c *call) error {
	b := beatBatches.Get().(*batch[beat, cluster.Heartbeat])
	b.list = wire.Batch[beat]{List: wire.List[beat]{Items: b.list.Items[:0], Max: c.s.config.Limits.MaxItems}}
	if err := c.decode(&beatsBody{&b.list}); err != nil {
		return err
	}
	if err := b.check("heartbeats"); err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	if err := b.run(ctx, c, (*beat).parse, c.s.people.Heartbeats); err != nil {
		return err
	}
	c.s.metrics.heartbeats.Add(float64(len(b.calls)))
	err := c.report(b.all)
	b.keep(beatBatches.Put)
	return err
}
