package redis

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/report"
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

// Run compares both. When ctx ends early, what is complete becomes a result with a note. Without
// link there is no comparison of the inside.
func Run(
	ctx context.Context, o *Options, machine result.Machine, p contest.Progress, link Link,
) (*result.Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Redis != "" { // what is wrong with it is found now, not after minutes
		s, err := useStore(ctx, o.Redis)
		if err != nil {
			return nil, err
		}
		s.close()
	}
	c, err := contest.Begin(ctx, contest.Plan{
		Kind: result.Redis, Rival: "Redis", Binary: o.Presence, Each: o.Each, Machine: machine, Settings: o.settings(),
		Progress: p,
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

// store starts a Redis, or connects to the one that --redis names.
func (r *run) store(ctx context.Context, name string) (s *store, err error) {
	if r.Redis != "" {
		s, err = useStore(ctx, r.Redis)
	} else {
		s, err = startStore(ctx, r.Cores)
	}
	if err == nil {
		r.Watch(name, s.pid)
	}
	return s, err
}

// devices compares the memory of participants with two devices, on fresh servers.
func (r *run) devices(ctx context.Context) error {
	defer r.Phase("memory of two devices", true, 0)()
	c, err := r.Node(ctx, "presence (two devices)", contest.Patient...)
	if err != nil {
		return err
	}
	defer c.Close()
	api := load.NewAPI(c)
	defer api.Close()
	ours, err := r.memory(ctx, c.Nodes[0].PID(), func() error {
		return errors.Join(newBeater(api, r.people, contest.Device).all(ctx),
			newBeater(api, r.people, secondDevice).all(ctx))
	})
	if err != nil {
		return err
	}
	s, err := r.store(ctx, "redis (two devices)")
	if err != nil {
		return err
	}
	defer s.close()
	r.Result.Settings["redis version"] = s.version
	theirs, err := r.memory(ctx, s.pid, func() error { return once(ctx, r.people, s.hashes) })
	if err == nil {
		r.twoDevices(ours, theirs)
	}
	return err
}

func (r *run) twoDevices(ours, theirs float64) {
	r.constant(report.TwoDevices, "B/participant", result.Lower, ours, "ids of 24 and 12 bytes, by HTTP")
	r.CompareOnce("memory of a participant with two devices (Redis: a hash)", "B/participant", result.Lower, ours,
		theirs, &result.Target{Op: "<", Value: 0.6})
}

// sockets measures the memory of a socket that watches one participant, on a fresh node: a node
// that was loaded before would have room for it already.
func (r *run) sockets(ctx context.Context) error {
	defer r.Phase("memory of sockets", true, 0)()
	c, err := r.Node(ctx, "presence (sockets)", contest.Patient...)
	if err != nil {
		return err
	}
	defer c.Close()
	pid := c.Nodes[0].PID()
	before, err := target.UsageOf(pid)
	if err != nil {
		return err
	}
	begun := time.Now()
	empty, err := r.Quiet(ctx, pid)
	if err != nil {
		return err
	}
	idle, err := target.UsageOf(pid)
	if err != nil {
		return err
	}
	r.constant(report.EmptyCPU, "cores", result.Lower,
		max(idle.CPU-before.CPU, leastTick).Seconds()/time.Since(begun).Seconds(), "nobody is there, nothing is asked")
	v, err := contest.Watch(ctx, c, r.Subscribers, r.people.batches[0][:1])
	if err != nil {
		return err
	}
	defer v.Close()
	full, err := r.Quiet(ctx, pid)
	if err != nil {
		return err
	}
	r.constant(report.EmptyNode, "B", result.Lower, float64(empty), "")
	r.constant(report.Socket, "B/socket", result.Lower, float64(full-empty)/float64(r.Subscribers),
		"WebSocket that watches one participant")
	return r.socketBeats(ctx, c)
}

// leastTick is the unit in which the kernel counts CPU time.
const leastTick = 10 * time.Millisecond

// How many sockets beat, each as often as a server allows.
const (
	beating  = 1000
	beatRate = 16.0 // a second, each
)

// socketBeats measures what heartbeats of sockets cost.
func (r *run) socketBeats(ctx context.Context, c *target.Cluster) error {
	ctx, end := context.WithCancel(ctx)
	var staying sync.WaitGroup
	defer staying.Wait()
	defer end()
	records := load.NewRecorder()
	all := make([]*load.Visitor, beating)
	for i := range all {
		all[i] = &load.Visitor{Cluster: c, Records: records, Token: load.ID("beating", i), Device: contest.Device}
		staying.Go(func() { all[i].Stay(ctx, time.Now()) })
	}
	for load.Away(all) > 0 {
		if !load.Sleep(ctx, 10*time.Millisecond) {
			return ctx.Err()
		}
	}
	m, err := contest.Measure(ctx, c.Nodes[0].PID(),
		func(ctx context.Context) (int64, error) { return r.beatByTurns(ctx, c, all) })
	if err != nil {
		return err
	}
	r.constant(report.SocketBeatsCPU, "1/s", result.Higher, m.PerCPUSecond, "WebSocket, without an answer")
	r.constant(report.SocketBeatBytes, "B", result.Lower, float64(len(load.QuietBeat)+maskedHead),
		"of the message and its frame, without TCP")
	return nil
}

// maskedHead is how many bytes a client's frame of up to 125 bytes has before its text.
const maskedHead = 6

// beatByTurns has all visitors beat in turn, and returns how many heartbeats the node has applied.
func (r *run) beatByTurns(ctx context.Context, c *target.Cluster, all []*load.Visitor) (int64, error) {
	const applied = "presence_heartbeats_total"
	before, err := c.Metric(ctx, applied)
	if err != nil {
		return 0, err
	}
	load.Schedule{Rate: beatRate * float64(len(all)), Workers: 1, Do: func(_ context.Context, i int64, _ time.Time) {
		all[int(i)%len(all)].BeatQuietly()
	}}.Run(ctx, r.Each, load.NewRecorder())
	after, err := c.Metric(ctx, applied)
	return int64(after - before), err
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
