package gateway

import (
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// edge is an item of POST /v1/visibility.
type edge struct {
	Participant string              `json:"participant_id"`
	Viewer      string              `json:"viewer"`
	Allow       wire.Nullable[bool] `json:"allow"`
	wire.End
}

func (e *edge) parse(in tenant.Name, now time.Time) (made cluster.Edge, err error) {
	if err := shard.ValidateParticipant(e.Participant); err != nil {
		return made, named("participant_id", err)
	}
	if err := shard.ValidateParticipant(e.Viewer); err != nil {
		return made, named("viewer", err)
	}
	if e.Participant == e.Viewer {
		return made, wire.Errorf(wire.BadRequest, "viewer and participant_id must be two: "+
			"everyone sees all of oneself")
	}
	if !e.Allow.There {
		return made, wire.Errorf(wire.BadRequest, "allow is missing; it must be true, false or null")
	}
	until, err := e.End.Parse(now, wire.MostAhead)
	if err == nil && e.allowance() == shard.Forget && !until.IsZero() {
		err = wire.Errorf(wire.BadRequest, "allow is null, which forgets the edge; that has no end")
	}
	return people.Edge(in.Participant(e.Participant), in.Participant(e.Viewer), e.allowance(), until), err
}

func (e *edge) allowance() shard.Allowance {
	switch {
	case e.Allow.Value == nil:
		return shard.Forget
	case *e.Allow.Value:
		return shard.Allow
	default:
		return shard.Deny
	}
}

// edgesBody is the body of POST /v1/visibility.
type edgesBody struct {
	Edges wire.Batch[edge] `json:"edges"`
}

func (b *edgesBody) decodeBatch(text []byte) *wire.Error { return wire.DecodeBatch(text, b, &b.Edges) }

// edgeNulls are the members of an edge that may be null.
var edgeNulls = append([]string{"allow"}, wire.EndNames...)

// postVisibility is POST /v1/visibility: who may see whom, as a backend says.
func postVisibility(c *call) error {
	body := edgesBody{wire.Batch[edge]{List: wire.List[edge]{Max: c.s.config.Limits.MaxItems}, Nulls: edgeNulls}}
	if err := c.decode(&body); err != nil {
		return err
	}
	b := batch[edge, cluster.Edge]{list: body.Edges}
	if err := b.check("edges"); err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	now := time.Now()
	parse := func(e *edge, in tenant.Name) (cluster.Edge, error) { return e.parse(in, now) }
	if err := b.run(ctx, c, parse, c.s.people.SetEdges); err != nil {
		return err
	}
	return c.report(b.all)
}
