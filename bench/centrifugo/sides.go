package centrifugo

import (
	"context"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// run is one run of the comparison.
type run struct {
	*Options
	*contest.Run
	cluster *target.Cluster
	api     *load.API
	server  *server
}

func (r *run) pids() contest.Pair {
	return contest.Pair{Ours: r.cluster.Nodes[0].PID(), Theirs: r.server.pid()}
}

// person is the id of a participant, and the channel of a client.
func person(i int) string { return load.ID("participant", i) }

// ours and theirs connect n sockets from number first on.
func (r *run) ours(ctx context.Context, first, n int) (crowd, error) {
	return visit(ctx, r.cluster, n, func(i int) string { return person(first + i) })
}

func (r *run) theirs(ctx context.Context, first, n int) (crowd, error) {
	return r.server.connect(ctx, n, func(i int) string { return person(first + i) }, func(int) {})
}
