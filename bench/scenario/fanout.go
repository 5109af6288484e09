package scenario

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
)

// Fanout has participants who watch each other log on one after the other in the morning, and then
// go idle and come back.
type Fanout struct {
	Options  `embed:""`
	Viewers  int           `default:"2000" placeholder:"N" help:"Participants; each has a socket, a device and a contact list."`
	Contacts int           `default:"50" placeholder:"N" help:"Length of a contact list, up to 5,000."`
	Zipf     float64       `default:"1.2" placeholder:"S" help:"How unequal popularity is, above 1: the k-th most popular is on a list with a weight of 1/k^S. Nearer to 1 is more equal."`
	Morning  time.Duration `default:"10s" placeholder:"TIME" help:"The time over which all log on."`
	Flips    float64       `default:"100" placeholder:"N" help:"Afterwards: how many a second go idle or come back."`
	Seed     uint64        `default:"1" placeholder:"N" help:"Of the contact lists: the same seed gives the same lists."`

	people   []*load.Visitor
	viewers  []int64        // of each participant, by number: how many watch it
	changed  []atomic.Int64 // of each: when it changed last, in Unix nanoseconds
	flipping atomic.Bool
	seen     atomic.Int64
	expected atomic.Int64

	mu   sync.Mutex // held for a heartbeat
	idle []bool
}

// Name is that of the subcommand.
func (s *Fanout) Name() string { return "fanout" }

// Validate is called by the command line.
func (s *Fanout) Validate() error {
	return errors.Join(s.Options.valid(), check(
		limit{"viewers", float64(s.Viewers), 2, mostSockets},
		limit{"contacts", float64(s.Contacts), 1, min(load.MaxWatched, float64(s.Viewers-1))},
		limit{"zipf", s.Zipf, 1.001, 10}, limit{"morning", s.Morning.Seconds(), 0.1, 3600},
		limit{"flips", s.Flips, 0.1, 100_000}))
}

// The names of the latencies of deliveries.
const (
	logOnSeen = "log-on until seen"
	flipSeen  = "flip until seen"
)

func (s *Fanout) run(ctx context.Context, r *Run) error {
	s.prepare(r)
	r.measure(ctx, "morning", s.Morning, func(ctx context.Context) { s.logOn(ctx, r) })
	load.Sleep(ctx, deliveryWait)
	morning, cpu := s.seen.Load(), r.Meter.CPU(result.Server)
	s.expected.Store(0)
	s.flipping.Store(true)
	r.measure(ctx, "flips", s.Duration, func(ctx context.Context) { s.flip(ctx, r) })
	load.Sleep(ctx, deliveryWait)
	r.measuredAll()
	r.usual()
	flips, used := float64(s.seen.Load()-morning), r.Meter.CPU(result.Server)-cpu
	r.number("log-ons seen", "deliveries", result.Neither, float64(morning), "by those who were there already")
	r.number("flips seen", "1/s", result.Neither, flips/s.Duration.Seconds(), "")
	r.number(report.DeliveriesCPU, "1/s", result.Higher, flips/used,
		fmt.Sprintf("each change to some %d of %d; their heartbeats included", s.Contacts, s.Viewers))
	r.number("flips seen of those that could be", "%", result.Higher, 100*flips/float64(s.expected.Load()),
		"a participant who flips back before a viewer was told makes no delivery")
	return nil
}

// deliveryWait is how long the run waits for deliveries under way.
const deliveryWait = 500 * time.Millisecond

// prepare makes the participants and their contact lists. Number 0 is the most popular.
func (s *Fanout) prepare(r *Run) {
	random := rand.New(rand.NewPCG(s.Seed, 0))
	popular := rand.NewZipf(random, s.Zipf, 1, uint64(s.Viewers-1))
	s.viewers, s.changed, s.idle = make([]int64, s.Viewers), make([]atomic.Int64, s.Viewers), make([]bool, s.Viewers)
	for i := range s.Viewers {
		var ids []string
		for _, n := range s.contacts(i, random, popular) {
			ids = append(ids, load.ID("participant", n))
			s.viewers[n]++
		}
		s.people = append(s.people, &load.Visitor{
			Cluster: r.Cluster, Records: r.Records, Token: r.sign(load.ID("participant", i)), Device: "tab",
			More: load.Subscribe(ids), Shown: func(m []byte) { s.see(r, m) },
		})
	}
}

// contacts is the contact list of self: popular participants, and when the same few are drawn again
// and again, any others.
func (s *Fanout) contacts(self int, random *rand.Rand, popular *rand.Zipf) (list []int) {
	on := map[int]bool{self: true}
	for tries := 0; len(list) < s.Contacts; tries++ {
		n := int(popular.Uint64())
		if tries > 2*s.Contacts {
			n = random.IntN(s.Viewers)
		}
		if !on[n] {
			on[n] = true
			list = append(list, n)
		}
	}
	return list
}

// see notes how long after it was due a change is seen. It leaves out snapshots: other viewers saw
// their changes long ago.
func (s *Fanout) see(r *Run, m []byte) {
	if load.IsSnapshot(m) {
		return
	}
	name := logOnSeen
	if s.flipping.Load() {
		name = flipSeen
	}
	load.EachState(m, func(id, state []byte) {
		n := load.Number(id)
		if n < 0 || n >= s.Viewers || string(state) == "offline" {
			return
		}
		due := time.Unix(0, s.changed[n].Load())
		r.Records.Took(name, due, time.Since(due))
		s.seen.Add(1)
	})
}

// logOn has all log on within the morning.
func (s *Fanout) logOn(ctx context.Context, r *Run) {
	rate := float64(s.Viewers) / s.Morning.Seconds()
	load.Schedule{Rate: rate, Workers: 64, Do: func(_ context.Context, i int64, due time.Time) {
		s.changed[i].Store(due.UnixNano())
		r.running.Go(func() { s.people[i].Stay(ctx, due) })
	}}.Run(ctx, s.Morning, r.Records)
	for end := time.Now().Add(s.Morning); load.Away(s.people) > 0 && time.Now().Before(end); {
		if !load.Sleep(ctx, 10*time.Millisecond) {
			return
		}
	}
}

// flip has one participant after the other go idle or come back, while all beat at the interval.
func (s *Fanout) flip(ctx context.Context, r *Run) {
	beating, end := context.WithCancel(ctx)
	defer end()
	r.running.Go(func() {
		rate := float64(s.Viewers) / s.Interval.Seconds()
		load.Schedule{Rate: rate, Workers: 4, Do: func(_ context.Context, i int64, due time.Time) {
			s.beat(int(i)%s.Viewers, due, false)
		}}.Run(beating, maxDuration, r.Records)
	})
	random := rand.New(rand.NewPCG(s.Seed, 1))
	load.Schedule{Rate: s.Flips, Workers: 1, Do: func(_ context.Context, _ int64, due time.Time) {
		s.beat(random.IntN(s.Viewers), due, true)
	}}.Run(ctx, s.Duration, r.Records)
}

// beat sends a heartbeat of participant n. A flip changes its activity.
func (s *Fanout) beat(n int, due time.Time, flip bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if flip {
		s.idle[n] = !s.idle[n]
		s.changed[n].Store(due.UnixNano())
		s.expected.Add(s.viewers[n])
	}
	activity := "online"
	if s.idle[n] {
		activity = "idle"
	}
	s.people[n].Beat(due, activity)
}
