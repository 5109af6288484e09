package scenario

import (
	"context"
	"fmt"

	"github.com/scaiwave/presence/bench/load"
)

// People are the flags of a crowd.
type People struct {
	Participants int `default:"20000" placeholder:"N" help:"How many participants beat, in batches over HTTP unless they have a socket."`
	Sockets      int `default:"1000" placeholder:"N" help:"How many of them have a WebSocket each. The limit of open files bounds them, here and at each node."`
	Batch        int `default:"1000" placeholder:"N" help:"Heartbeats in a request."`
}

const (
	mostParticipants = 50_000_000
	mostSockets      = 500_000
	mostBatch        = 10_000
)

func (p *People) valid() error {
	if p.Sockets > p.Participants {
		return fmt.Errorf("--sockets=%d: must be at most --participants=%d, who have them", p.Sockets, p.Participants)
	}
	return check(limit{"participants", float64(p.Participants), 1, mostParticipants},
		limit{"sockets", float64(p.Sockets), 0, mostSockets},
		limit{"batch", float64(p.Batch), 1, mostBatch})
}

// crowd has participants arrive, who stay until ctx ends.
func (r *Run) crowd(ctx context.Context, p People, flips float64) (*load.Crowd, error) {
	defer r.phase("people arrive", true, 0)()
	c := &load.Crowd{
		API: r.API, Records: r.Records, Participants: p.Participants, Sockets: p.Sockets, Batch: p.Batch,
		Interval: r.options.Interval, Flips: flips, Sign: r.sign,
	}
	c.Prepare()
	return c, c.Arrive(ctx, &r.running)
}

// probe asks about a crowd in the background until ctx ends.
func (r *Run) probe(ctx context.Context, c *load.Crowd, p *load.Probe) *load.Probe {
	p.API, p.Records, p.IDs = r.API, r.Records, c.IDs
	p.Prepare()
	r.running.Go(func() { p.Run(ctx, maxDuration) })
	return p
}
