package scenario

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
)

// Expiry has participants leave without a word while others beat, and measures how late viewers
// hear of it.
type Expiry struct {
	Options `embed:""`
	People  `embed:""`
	Leaving int           `default:"20000" placeholder:"N" help:"How many participants beat once, and are watched until they are shown offline."`
	Spread  time.Duration `default:"10s" placeholder:"TIME" help:"The time over which they beat, and so expire. (--duration is not used: the run ends when all have been shown offline.)"`
	After   time.Duration `placeholder:"TIME" help:"With --server: how long after its last heartbeat a device is gone there: missed heartbeats x interval + grace."`

	gone []departure
	seen atomic.Int64  // how many were shown offline after their deadline
	all  chan struct{} // closed when all were
}

// departure is the leaving of one participant.
type departure struct {
	due  atomic.Int64 // when the deadline ends, in Unix nanoseconds; 0: it hasn't beaten yet
	seen atomic.Bool
}

// Name is that of the subcommand.
func (s *Expiry) Name() string { return "expiry" }

// Validate is called by the command line.
func (s *Expiry) Validate() error {
	err := errors.Join(s.Options.valid(), s.People.valid(), check(
		limit{"leaving", float64(s.Leaving), 1, 5_000_000}, limit{"spread", s.Spread.Seconds(), 0.1, 3600},
		limit{"after", s.After.Seconds(), 0, 86400}))
	switch remote := len(s.Server) > 0; {
	case remote && s.After == 0:
		return errors.Join(err,
			errors.New("--after is needed with --server: how long after its last heartbeat is a device gone there?"))
	case !remote && s.After != 0:
		return errors.Join(err, errors.New("--after is for --server; local nodes are told by --interval"))
	}
	return err
}

const (
	expiryGrace    = time.Second
	expiryMissed   = 2
	expiryPatience = 30 * time.Second // after the last is due
	expiryBatch    = 100
	expiryRounding = time.Millisecond // by so much an event may seem early, by two clocks
	expiryLate     = "offline event late"
)

func (s *Expiry) timings() []string {
	return append(s.Options.timings(), "--grace="+expiryGrace.String(),
		fmt.Sprintf("--missed-heartbeats=%d", expiryMissed))
}

func (s *Expiry) deadline() time.Duration {
	if s.After != 0 {
		return s.After
	}
	return expiryMissed*s.Interval + expiryGrace
}

func (s *Expiry) prepare() { s.gone, s.all = make([]departure, s.Leaving), make(chan struct{}) }

func (s *Expiry) run(ctx context.Context, r *Run) error {
	s.prepare()
	if _, err := r.crowd(ctx, s.People, 0); err != nil {
		return err
	}
	leaving := ids("leaving-now", s.Leaving)
	if err := r.watchAll(ctx, leaving, func(id, state []byte) { s.see(r, id, state) }); err != nil {
		return err
	}
	r.warm(ctx)
	r.measure(ctx, "expiry", s.Spread+s.deadline(), func(ctx context.Context) { s.leave(ctx, r, leaving) })
	r.measuredAll()
	s.figures(r, ctx.Err() == nil)
	return nil
}

// figures are those of the run, which waited until all were shown offline or for as long as it
// waits.
func (s *Expiry) figures(r *Run, waited bool) {
	r.usual()
	r.falseOffline("events that said offline before the deadline")
	if waited { // else the run ended before all could be shown offline
		r.figure(result.Figure{
			Name: "offline events missing", Unit: "events", Value: float64(s.Leaving - int(s.seen.Load())),
			Better:  result.Lower,
			Target:  &result.Target{Op: "<=", Value: 0},
			Comment: fmt.Sprintf("of %d, %v after the last was due", s.Leaving, expiryPatience),
		})
	}
	late := func(q float64) float64 { return 1000 * r.quantile(expiryLate, q) }
	r.number("offline late, half", "ms", result.Lower, late(50), "")
	r.figure(result.Figure{
		Name: "offline late, 99 %", Unit: "ms", Value: late(99), Better: result.Lower,
		Target: &result.Target{Op: "<", Value: 200},
	})
	r.number("offline late, the last", "ms", result.Lower, late(100), "")
}

// leave has all who leave beat once, and waits until all have been shown offline. The deadline
// counts from before the heartbeat is sent, so the lateness has the time of the request in it.
func (s *Expiry) leave(ctx context.Context, r *Run, leaving []string) {
	batches := (len(leaving) + expiryBatch - 1) / expiryBatch
	rate := float64(batches) / s.Spread.Seconds()
	load.Schedule{Rate: rate, Workers: 16, Do: func(ctx context.Context, i int64, due time.Time) {
		from := int(i) * expiryBatch
		part := leaving[from:min(len(leaving), from+expiryBatch)]
		r.Records.Offered(due, int64(len(part)))
		gone := time.Now().Add(s.deadline()).UnixNano()
		for n := range part {
			s.gone[from+n].due.Store(gone)
		}
		r.Records.Done("batch of those who leave", due, int64(len(part)),
			r.API.Beat(ctx, load.BeatBody(part, "phone", "online"), len(part)))
	}}.Run(ctx, s.Spread, r.Records)
	over := time.NewTimer(s.deadline() + expiryPatience)
	defer over.Stop()
	select {
	case <-s.all:
	case <-over.C:
	case <-ctx.Done():
	}
}

// see notes a change. An offline before the deadline is false, and doesn't count as the one that
// is due. A second offline of the same participant doesn't count either.
func (s *Expiry) see(r *Run, id, state []byte) {
	n := load.Number(id)
	if n < 0 || n >= s.Leaving || string(state) != "offline" {
		return
	}
	due := s.gone[n].due.Load()
	if due == 0 {
		return // left over from another run
	}
	late := time.Since(time.Unix(0, due))
	switch {
	case late < -expiryRounding:
		r.Records.FalseOffline.Add(1)
	case s.gone[n].seen.CompareAndSwap(false, true):
		r.Records.Took(expiryLate, time.Now(), max(0, late))
		if s.seen.Add(1) == int64(s.Leaving) {
			close(s.all)
		}
	}
}
