package gateway

import (
	"sync"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

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
