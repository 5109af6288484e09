package redis

import (
	"context"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/result"
)

// Run compares both. When ctx ends early, what is complete becomes a result with a note. Without
// link there is no comparison of the inside.
func Run(
	ctx context.Context, o *Options, machine result.Machine, p contest.Progress, link Link,
) (*result.Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Redis != "" { // what is wrong with it is found now, not after minutes
		s, err := useStore(ctx, o.Redis, nil)
		if err != nil {
			return nil, err
		}
		s.close()
	}
	c, err := contest.Begin(ctx, contest.Plan{
		Kind: result.Redis, Options: o.Options, Machine: machine, Settings: o.settings(), Progress: p,
	})
	if err != nil {
		return nil, err
	}
	r := &run{Options: o, Run: c, people: newPeople("participant", o.Participants)}
	err = r.all(ctx, link)
	if o.Redis != "" {
		r.Note("the Redis at %s was not started here: it was not kept to one core, as Presence is, and it has its "+
			"own configuration, such as for persistence and threads", o.Redis)
	}
	return r.Finish(ctx, err)
}

func (r *run) all(ctx context.Context, link Link) error {
	if err := r.sockets(ctx); err != nil {
		return err
	}
	if err := r.devices(ctx); err != nil {
		return err
	}
	if err := r.rates(ctx, link); err != nil || r.Expiring == 0 {
		return err
	}
	return r.lateness(ctx)
}
