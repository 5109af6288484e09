package gateway

import (
	"time"

	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// statusBody is the body of PUT /v1/presence/{participant}/status.
type statusBody struct {
	wire.Status
	Public *bool `json:"public"`
}

func (*statusBody) nulls() []string { return wire.StatusNames }

// putStatus is PUT /v1/presence/{participant}/status.
func putStatus(c *call) error {
	var body statusBody
	if err := c.decode(&body); err != nil {
		return err
	}
	if err := c.checkPublic(body.Public != nil); err != nil {
		return err
	}
	status, err := body.Status.Parse(time.Now())
	if err != nil {
		return err
	}
	return c.setStatus(status, body.Public != nil && *body.Public)
}

// deleteStatus is DELETE /v1/presence/{participant}/status.
func deleteStatus(c *call) error {
	q, err := parseQuery(c.r.URL.RawQuery, nil, 0, c.route.query)
	if err != nil {
		return err
	}
	if err := c.checkPublic(q.public != nil); err != nil {
		return err
	}
	public, err := parseFlag("public", q.public)
	if err != nil {
		return err
	}
	return c.setStatus(shard.Status{}, public)
}

// checkPublic refuses `public` of others than a backend, whatever its value.
func (c *call) checkPublic(there bool) error {
	if there && !c.who.Service {
		return wire.Errorf(wire.Forbidden, "public needs the scope presence:service; leave it out")
	}
	return nil
}

func parseFlag(name string, value *string) (bool, error) {
	switch {
	case value == nil || *value == "false":
		return false, nil
	case *value == "true":
		return true, nil
	default:
		return false, wire.Errorf(wire.BadRequest, "%s is %.40q; it must be true or false", name, *value)
	}
}

func (c *call) setStatus(s shard.Status, public bool) error {
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.SetStatus(ctx, c.of, s, public))
}

// claimBody is the body of PUT /v1/presence/{participant}/busy/{source}.
type claimBody struct{ wire.End }

func (*claimBody) nulls() []string { return wire.EndNames }

// putClaim is PUT /v1/presence/{participant}/busy/{source}: a reason to be busy begins, or is
// renewed.
func putClaim(c *call) error {
	var body claimBody
	if err := c.decode(&body); err != nil {
		return err
	}
	until, err := body.Parse(time.Now(), wire.MostAheadClaim)
	if err == nil && until.IsZero() {
		err = wire.Errorf(wire.BadRequest, "expires_at and expires_in are both missing; a reason to be busy has an end")
	}
	if err != nil {
		return err
	}
	return c.setClaim(until)
}

// deleteClaim is DELETE /v1/presence/{participant}/busy/{source}.
func deleteClaim(c *call) error { return c.setClaim(time.Time{}) }

func (c *call) setClaim(until time.Time) error {
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.SetClaim(ctx, c.of, c.params[1], until))
}
