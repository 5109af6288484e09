package scenario

import (
	"context"

	"github.com/scaiwave/presence/bench/target"
)

// Failover kills one node after the other, and starts it again.
type Failover struct {
	disruption `embed:""`
}

// Name is that of the subcommand.
func (s *Failover) Name() string { return "failover" }

// Validate is called by the command line.
func (s *Failover) Validate() error { return s.valid() }

func (s *Failover) run(ctx context.Context, r *Run) error {
	return s.disrupt(ctx, r, "kill -9", func(n *target.Node) error {
		n.Kill()
		return nil
	})
}

// Rolling restarts one node after the other as a deploy does: SIGTERM, wait until it has left,
// start it again.
type Rolling struct {
	disruption `embed:""`
}

// Name is that of the subcommand.
func (s *Rolling) Name() string { return "rolling" }

// Validate is called by the command line.
func (s *Rolling) Validate() error { return s.valid() }

func (s *Rolling) run(ctx context.Context, r *Run) error {
	return s.disrupt(ctx, r, "restart", (*target.Node).Stop)
}
