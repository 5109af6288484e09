package load

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Crowd is many participants who stay and beat at the interval: most through a backend, in batches,
// and some each by a socket of their own. None ever leaves, so each one shown offline is a broken
// promise.
type Crowd struct {
	API          *API
	Records      *Recorder
	Participants int           // all of them
	Sockets      int           // how many of them beat by socket
	Interval     time.Duration // between two heartbeats of one
	Batch        int           // heartbeats in a request
	Flips        float64       // the part of the batches' participants who go idle and come back, with every heartbeat
	Sign         func(id string) string

	IDs      []string
	visitors []*Visitor
	arrived  []atomic.Bool
	edges    atomic.Int64 // made by NextEdges
	bodies   [2][][]byte  // of each batch: all online, and with some idle
	sizes    []int
}

const (
	person      = "participant"
	batchesDue  = 64 // requests that may wait for an answer at once
	dialsAtOnce = 64 // sockets that connect at the beginning
	retryAfter  = 50 * time.Millisecond
)

// BatchBeat is the name of the latency of a crowd's batches.
const BatchBeat = "batch of heartbeats"

// Prepare makes the participants and their requests.
func (c *Crowd) Prepare() {
	for i := range c.Participants {
		c.IDs = append(c.IDs, ID(person, i))
	}
	c.arrived = make([]atomic.Bool, c.Sockets)
	for i, id := range c.IDs[:c.Sockets] {
		c.visitors = append(c.visitors, &Visitor{
			Cluster: c.API.Cluster, Records: c.Records, Token: c.Sign(id), Device: "tab",
			Arrived: func() { c.arrived[i].Store(true) },
		})
	}
	for part := range slices.Chunk(c.IDs[c.Sockets:], c.Batch) {
		flips := int(c.Flips * float64(len(part)))
		c.bodies[0] = append(c.bodies[0], BeatBody(part, "phone", "online"))
		c.bodies[1] = append(c.bodies[1], mixed(part, flips))
		c.sizes = append(c.sizes, len(part))
	}
}

// mixed is a batch in which so many of the first are idle.
func mixed(ids []string, idle int) []byte {
	if idle == 0 {
		return BeatBody(ids, "phone", "online")
	}
	first, rest := BeatBody(ids[:idle], "phone", "idle"), BeatBody(ids[idle:], "phone", "online")
	if idle == len(ids) {
		return first
	}
	return append(append(first[:len(first)-2], ','), rest[len(`{"heartbeats":[`):]...)
}

// Arrive brings all participants, and returns when they are there. They stay until ctx ends;
// running waits for that.
func (c *Crowd) Arrive(ctx context.Context, running *sync.WaitGroup) error {
	var (
		first sync.WaitGroup
		next  atomic.Int64
		fails = make(chan error, 4)
	)
	for range cap(fails) {
		first.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(c.sizes) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := c.API.Beat(ctx, c.bodies[0][i], c.sizes[i]); err != nil {
					fails <- fmt.Errorf("the first heartbeats of the crowd: %w", err)
					return
				}
			}
		})
	}
	first.Wait()
	select {
	case err := <-fails:
		return err
	default:
	}
	running.Go(func() { c.beatBatches(ctx) })
	return c.connect(ctx, running)
}

// connect connects the sockets, a few at once: a herd is a scenario of its own.
func (c *Crowd) connect(ctx context.Context, running *sync.WaitGroup) error {
	for i, v := range c.visitors {
		running.Go(func() { v.Stay(ctx, time.Now()) })
		for before := i - dialsAtOnce; before >= 0 && !c.arrived[before].Load(); {
			if !Sleep(ctx, time.Millisecond) {
				return ctx.Err()
			}
		}
	}
	if err := allConnected(ctx, c.visitors, "sockets"); err != nil {
		return err
	}
	running.Go(func() { c.beatSockets(ctx) })
	return nil
}

// forever is longer than any run.
const forever = 1000 * time.Hour

func (c *Crowd) beatBatches(ctx context.Context) {
	n := len(c.sizes)
	if n == 0 {
		return
	}
	rate := float64(n) / c.Interval.Seconds()
	Schedule{Rate: rate, Workers: batchesDue, Do: func(ctx context.Context, i int64, due time.Time) {
		batch, round := int(i)%n, int(i)/n
		c.beat(ctx, c.bodies[(round+1)%2][batch], c.sizes[batch], due)
	}}.Run(ctx, forever, c.Records)
}

// beat sends a batch until a node takes it, as a backend does. Each refusal is counted.
func (c *Crowd) beat(ctx context.Context, body []byte, n int, due time.Time) {
	c.Records.Offered(due, int64(n))
	for ctx.Err() == nil {
		err := c.API.Beat(ctx, body, n)
		c.Records.Done(BatchBeat, due, int64(n), err)
		if err == nil {
			return
		}
		Sleep(ctx, retryAfter)
	}
}

func (c *Crowd) beatSockets(ctx context.Context) {
	n := len(c.visitors)
	if n == 0 {
		return
	}
	Schedule{Rate: float64(n) / c.Interval.Seconds(), Workers: 4, Do: func(_ context.Context, i int64, due time.Time) {
		c.visitors[int(i)%n].Beat(due, "online")
	}}.Run(ctx, forever, c.Records)
}

// Watch keeps n watchers, each of a part of the crowd, until ctx ends. An event that says offline
// is false. Watch returns when all are connected: a watcher that sees nothing would find nothing
// wrong.
func (c *Crowd) Watch(ctx context.Context, n, ids int, running *sync.WaitGroup) error {
	watchers := make([]*Visitor, n)
	for i := range n {
		at := min(i*max(1, (len(c.IDs)-ids)/n), max(0, len(c.IDs)-ids))
		v := &Visitor{Cluster: c.API.Cluster, Records: c.Records, Token: c.Sign(ID("watcher", i)), Shown: c.watched}
		v.More = Subscribe(c.IDs[at:min(len(c.IDs), at+ids)])
		watchers[i] = v
		running.Go(func() { v.Stay(ctx, time.Now()) })
	}
	return allConnected(ctx, watchers, "watchers")
}

// allConnected waits until all visitors are connected.
func allConnected(ctx context.Context, visitors []*Visitor, who string) error {
	for end := time.Now().Add(helloPatience); ; {
		n := Away(visitors)
		if n == 0 {
			return nil
		}
		if !Sleep(ctx, 5*time.Millisecond) {
			return ctx.Err()
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d of %d %s are not connected after %v", n, len(visitors), who, helloPatience)
		}
	}
}

// Away is how many of visitors aren't connected now.
func Away(visitors []*Visitor) (n int) {
	for _, v := range visitors {
		if !v.Connected() {
			n++
		}
	}
	return n
}

func (c *Crowd) watched(m []byte) {
	offline, _ := Tally(m)
	c.Records.FalseOffline.Add(offline)
}

// Bodies returns the request of batch i, counted round and round, and how many heartbeats it has.
func (c *Crowd) Bodies(i int) (body []byte, n int) {
	i %= len(c.sizes)
	return c.bodies[0][i], c.sizes[i]
}
