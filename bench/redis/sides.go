package redis

import (
	"context"
	"slices"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// Link measures what goes over the link between two nodes at saturation, in rounds. It starts the
// node that is asked from the server's binary, and keeps it to cores.
type Link func(ctx context.Context, cores []int, binary string) (Linked, error)

// Linked is what was measured over the link.
type Linked struct {
	Heartbeats, IDs Inside
	Notes           []string // what limits it
}

// Inside is what was done in a CPU-second, round by round: of the node that is asked, and of both
// ends.
type Inside struct{ Server, Both []float64 }

// run is one run of the comparison.
type run struct {
	*Options
	*contest.Run
	people *people
}

// both are the two servers, filled alike.
type both struct {
	cluster *target.Cluster
	pid     int
	api     *load.API
	store   *store
}

func (b *both) pids() contest.Pair { return contest.Pair{Ours: b.pid, Theirs: b.store.pid} }

// store starts a Redis, or connects to the one that --redis names.
func (r *run) store(ctx context.Context, name string) (s *store, err error) {
	if r.Redis != "" {
		s, err = useStore(ctx, r.Redis, r.keys())
	} else {
		s, err = startStore(ctx, r.Cores)
	}
	if err == nil {
		r.Watch(name, s.pid)
		r.Rival = s.product
	}
	return s, err
}

// keys are all that a run writes, in batches.
func (r *run) keys() [][]string {
	all := append(slices.Clone(r.people.batches), []string{lastSeen})
	return slices.AppendSeq(all, slices.Chunk(vanishing(r.Expiring), batchSize))
}

// constant adds a figure that `presence-bench plan` computes with.
func (r *run) constant(name, unit string, better result.Better, value float64, comment string) {
	r.Result.Figures = append(r.Result.Figures,
		result.Figure{Name: name, Unit: unit, Value: value, Better: better, Comment: comment})
}

// memory is the resident memory that fill adds for each participant.
func (r *run) memory(ctx context.Context, pid int, fill func() error) (bytes float64, err error) {
	before, err := target.UsageOf(pid)
	if err != nil {
		return 0, err
	}
	if err := fill(); err != nil {
		return 0, err
	}
	after, err := r.Quiet(ctx, pid)
	return float64(after-before.RSS) / float64(r.people.count()), err
}
