package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/result"
)

// inside compares what goes over the link between two nodes with Redis in the same rounds.
func (r *run) inside(ctx context.Context, link Link, beats, fetches [][2]float64) error {
	defer r.Phase("inside: the link between two nodes", false, 0)()
	l, err := link(ctx, r.Cores, r.Binary)
	if err != nil {
		return err
	}
	for _, note := range l.Notes {
		r.Note("link: %s", note)
	}
	against := func(work string, ours []float64, theirs [][2]float64, t *result.Target) {
		var runs [][2]float64
		for i := range min(len(ours), len(theirs)) {
			runs = append(runs, [2]float64{ours[i], theirs[i][1]})
		}
		r.Compare(work, "1/s", result.Higher, "internal", runs, t)
	}
	against("heartbeats over the peer link (SET pipelined)", l.Heartbeats.Server, beats,
		&result.Target{Op: ">=", Value: 10})
	against("ids fetched over the peer link (MGET)", l.IDs.Server, fetches, &result.Target{Op: ">=", Value: 3})
	against("heartbeats over the peer link, both ends' CPU (SET pipelined: the server's)",
		l.Heartbeats.Both, beats, nil)
	against("ids fetched over the peer link, both ends' CPU (MGET: the server's)", l.IDs.Both, fetches, nil)
	return nil
}

// lateness compares how late offline is told, on fresh servers with a short deadline.
func (r *run) lateness(ctx context.Context) error {
	ours, err := r.oursLate(ctx)
	if err != nil {
		return err
	}
	const what = "offline is told late by, 99 %"
	for _, w := range r.waysToTell() {
		theirs, err := r.theirsLate(ctx, w)
		if err != nil {
			return err
		}
		if theirs != nil {
			r.CompareOnce(what+" (theirs: "+w.name+")", "ms", result.Lower, ours.P99, theirs.P99, nil)
		}
	}
	r.Result.Figures = append(r.Result.Figures, result.Figure{
		Name: what, Unit: "ms", Value: ours.P99, Better: result.Lower, Target: &result.Target{Op: "<", Value: 200},
		Comment: fmt.Sprintf("%d vanish among %d who beat every %v; deadline %v", r.Expiring, r.Participants,
			r.Interval, r.deadline()),
	})
	return nil
}

// wayToTell is how Redis tells who has gone.
type wayToTell struct {
	name   string
	fields bool   // it needs hash fields that expire
	send   string // which events Redis sends
	gone   func(ctx context.Context, s *store) ([]time.Duration, int, error)
}

func (r *run) waysToTell() []wayToTell {
	return []wayToTell{
		{"keyspace events", false, sendExpired, func(ctx context.Context, s *store) ([]time.Duration, int, error) {
			return eventsGone(ctx, r.Options, r.people, s, expired, s.set)
		}},
		{"a poller", false, sendExpired, func(ctx context.Context, s *store) ([]time.Duration, int, error) {
			return pollerGone(ctx, r.Options, r.people, s)
		}},
		{"events of hash fields", true, sendOfHashes, func(ctx context.Context, s *store) ([]time.Duration, int, error) {
			return eventsGone(ctx, r.Options, r.people, s, expiredField, s.field)
		}},
	}
}

// theirsLate measures one way, on a Redis without keys. It returns nil where Redis can't do it.
func (r *run) theirsLate(ctx context.Context, w wayToTell) (*result.Latency, error) {
	s, err := r.store(ctx, "redis (lateness, "+w.name+")")
	if err != nil {
		return nil, err
	}
	defer s.close()
	if w.fields && !s.fields {
		return nil, nil
	}
	if err := s.send(ctx, w.send); err != nil {
		return nil, err
	}
	l, err := r.late(ctx, w.name, func() ([]time.Duration, int, error) { return w.gone(ctx, s) })
	return &l, err
}

func (r *run) oursLate(ctx context.Context) (l result.Latency, err error) {
	c, err := r.Node(ctx, "presence (lateness)", "--heartbeat-interval="+r.Interval.String(), "--missed-heartbeats=2",
		"--grace="+r.grace().String())
	if err != nil {
		return l, err
	}
	defer c.Close()
	return r.late(ctx, "presence",
		func() ([]time.Duration, int, error) { return oursGone(ctx, r.Options, r.people, c) })
}

// late measures the lateness of one side, and adds its distribution.
func (r *run) late(
	ctx context.Context, who string, do func() ([]time.Duration, int, error),
) (l result.Latency, err error) {
	defer r.Phase("lateness: "+who, false, r.Interval+r.Window+r.deadline())()
	late, missing, err := do()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return l, err
	}
	h := result.NewHistogram()
	for _, d := range late {
		if err := h.RecordValue(min(max(d.Microseconds(), 1), h.HighestTrackableValue())); err != nil {
			return l, err
		}
	}
	if missing > 0 {
		r.Note("%s: %d of %d who vanished were not shown offline within %v after their deadline, or by the end of "+
			"the run; each counts as late as the run waited", who, missing, r.Expiring, r.Wait)
	}
	if l, err = result.NewLatency("offline is told late: "+who, false, h); err == nil {
		r.Result.Latencies = append(r.Result.Latencies, l)
	}
	return l, err
}
