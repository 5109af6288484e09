package centrifugo

import (
	"context"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
)

// deliveries compares how a change reaches many, one change at a time.
func (r *run) deliveries(ctx context.Context) error {
	watched := []string{person(0)}
	// online at first, so that the first flip is a change
	if err := r.api.Beat(ctx, load.BeatBody(watched, contest.Device, "online"), 1); err != nil {
		return err
	}
	ours, err := contest.Watch(ctx, r.cluster, r.Subscribers, watched)
	if err != nil {
		return err
	}
	defer ours.Close()
	audience := contest.NewAudience(r.Subscribers)
	channel := feed + ":" + watched[0]
	theirs, err := r.server.connect(ctx, r.Subscribers, func(int) string { return channel }, audience.Hear)
	if err != nil {
		return err
	}
	defer theirs.close()
	flips := 0
	return r.Alternate(ctx, r.pids(), &contest.Work{
		Name: "deliveries, 1 at a time to many (heartbeat that is a change; /api/publish)",
		Ours: func(ctx context.Context) (int64, error) {
			return ours.Repeat(ctx, r.Each, 1, func() error { flips++; return ours.Flip(ctx, r.api, flips-1) })
		},
		Theirs: []contest.Variant{{Name: "publish", Do: func(ctx context.Context) (int64, error) {
			return audience.Repeat(ctx, r.Each, 1, func() error { return r.server.publish(ctx, channel) })
		}}},
	})
}

// publish sends a state to all who are subscribed to a channel.
func (s *server) publish(ctx context.Context, channel string) error {
	_, err := s.api.Post(ctx, "/api/publish", []byte(`{"channel":"`+channel+`","data":{"state":"online"}}`))
	return err
}
