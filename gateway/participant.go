package gateway

import (
	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/people"
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
	beats := []cluster.Heartbeat{people.Heartbeat(c.of, c.device(), activity)}
	errs := make([]error, 1)
	c.s.people.Heartbeats(ctx, beats, errs)
	return c.acknowledge(errs[0])
}

// deleteDevice is DELETE /v1/presence/{participant}/devices/{device}: a sign-out.
func deleteDevice(c *call) error {
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.SignOut(ctx, c.of, c.device()))
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
	return c.acknowledge(c.s.people.SetOverride(ctx, c.of, o))
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
	return c.acknowledge(c.s.people.SetKind(ctx, c.of, k))
}

// acknowledge answers a write.
func (c *call) acknowledge(err error) error {
	if err != nil {
		return err
	}
	return c.done()
}
