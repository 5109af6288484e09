package gateway

import (
	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// putDevice is PUT /v1/presence/{participant}/devices/{device}: a heartbeat.
func putDevice(c *call) error {
	var body struct {
		Activity string `json:"activity"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	activity, err := shard.ParseActivity(body.Activity)
	if err != nil {
		return wire.Errorf(wire.BadRequest, "%v", err)
	}
	ctx, cancel := c.writing()
	defer cancel()
	beats := []cluster.Heartbeat{{Participant: c.participant(), Device: c.device(), Activity: activity}}
	errs := make([]error, 1)
	c.s.config.Cluster.Heartbeats(ctx, beats, errs)
	return c.acknowledge(errs[0])
}

// deleteDevice is DELETE /v1/presence/{participant}/devices/{device}: a sign-out.
func deleteDevice(c *call) error {
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.config.Cluster.SignOut(ctx, c.participant(), c.device()))
}

// putOverride is PUT /v1/presence/{participant}/override.
func putOverride(c *call) error {
	var body struct {
		Override string `json:"override"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	o, err := shard.ParseOverride(body.Override)
	if err != nil {
		return wire.Errorf(wire.BadRequest, "%v", err)
	}
	return c.setOverride(o)
}

// deleteOverride is DELETE /v1/presence/{participant}/override: back to auto-detect.
func deleteOverride(c *call) error { return c.setOverride(shard.OverrideAuto) }

func (c *call) setOverride(o shard.Override) error {
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.config.Cluster.SetOverride(ctx, c.participant(), o))
}

// putParticipant is PUT /v1/participants/{participant}: a registration.
func putParticipant(c *call) error {
	var body struct {
		Kind string `json:"kind"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	k, err := shard.ParseKind(body.Kind)
	if err != nil {
		return wire.Errorf(wire.BadRequest, "%v", err)
	}
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.config.Cluster.SetKind(ctx, c.participant(), k))
}

// acknowledge answers a write.
func (c *call) acknowledge(err error) error {
	if err != nil {
		return err
	}
	return c.done()
}
