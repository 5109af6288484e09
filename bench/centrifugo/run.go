package centrifugo

import (
	"context"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
)

// Run compares both. When ctx ends early, what is complete becomes a result with a note.
func Run(ctx context.Context, o *Options, machine result.Machine, p contest.Progress) (*result.Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	path, version, err := Binary(ctx, o.Centrifugo, p)
	if err != nil {
		return nil, err
	}
	return against(ctx, path, version, o, machine, p)
}

// against compares with the program at path, which is of a version.
func against(
	ctx context.Context, path, version string, o *Options, machine result.Machine, p contest.Progress,
) (*result.Result, error) {
	c, err := contest.Begin(ctx, contest.Plan{
		Kind: result.Centrifugo, Rival: "Centrifugo " + version, Options: o.Options, Machine: machine, Settings: o.settings(),
		Progress: p,
	})
	if err != nil {
		return nil, err
	}
	r := &run{Options: o, Run: c}
	return r.Finish(ctx, r.all(ctx, path))
}

// all starts both servers, and compares.
func (r *run) all(ctx context.Context, path string) (err error) {
	if r.cluster, err = r.Node(ctx, "presence", contest.Patient...); err != nil {
		return err
	}
	defer r.cluster.Close()
	r.api = load.NewAPI(r.cluster)
	r.api.Wait(answerPatience)
	defer r.api.Close()
	if r.server, err = start(ctx, path, r.Dir(), r.Cores); err != nil {
		return err
	}
	defer r.server.close()
	r.Watch("centrifugo", r.server.pid())
	for _, compare := range []func(context.Context) error{r.memory, r.connects, r.deliveries, r.queries} {
		if err := compare(ctx); err != nil {
			return err
		}
	}
	return nil
}
