package gateway

import (
	"time"

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

// overrideBody is the body of PUT /v1/presence/{participant}/override.
type overrideBody struct {
	Override string `json:"override"`
	wire.End
}

func (*overrideBody) nulls() []string { return wire.EndNames }

// putOverride is PUT /v1/presence/{participant}/override.
func putOverride(c *call) error {
	var body overrideBody
	if err := c.decode(&body); err != nil {
		return err
	}
	o, err := shard.ParseOverride(body.Override)
	if err != nil {
		return wire.Errorf(wire.BadRequest, "%v", err)
	}
	until, err := body.ParseOf(o, time.Now())
	if err != nil {
		return err
	}
	if !until.IsZero() {
		if err := c.s.needs(cluster.FeatureStatus); err != nil {
			return err
		}
	}
	return c.setOverride(o, until)
}

// deleteOverride is DELETE /v1/presence/{participant}/override: back to auto-detect.
func deleteOverride(c *call) error { return c.setOverride(shard.OverrideAuto, time.Time{}) }

func (c *call) setOverride(o shard.Override, until time.Time) error {
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.SetOverride(ctx, c.of, o, until))
}

// putParticipant is PUT /v1/participants/{participant}: a registration.
func putParticipant(c *call) error {
	var body struct {
		Kind         string  `json:"kind"`
		Availability *string `json:"availability"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	k, err := shard.ParseKind(body.Kind)
	if err != nil {
		return wire.Errorf(wire.BadRequest, "%v", err)
	}
	a, err := c.availability(k, body.Availability)
	if err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.SetKind(ctx, c.of, k, a))
}

// availability is what makes the state of an AI participant; nil: that stays as it was.
func (c *call) availability(k shard.Kind, text *string) (a shard.Availability, err error) {
	switch {
	case text == nil:
		return shard.AvailabilityUnset, nil
	case k == shard.KindHuman:
		return a, wire.Errorf(wire.BadRequest, "availability is for the kinds model and helper; leave it out")
	}
	if a, err = shard.ParseAvailability(*text); err != nil {
		return a, wire.Errorf(wire.BadRequest, "%v", err)
	}
	return a, c.s.needs(cluster.FeatureStatus)
}

// acknowledge answers a write.
func (c *call) acknowledge(err error) error {
	if err != nil {
		return err
	}
	return c.done()
}
