package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// Progress shows the phase that begins. A length of zero is not known.
type Progress interface {
	Phase(name string, length time.Duration)
}

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
	progress Progress
	started  time.Time
	cores    []int // of the servers
	binary   string
	people   *people
	meter    *target.Meter
	result   *result.Result
	idle     map[string][]string // by server: the works in which it had CPU to spare
}

// Run compares both. When ctx ends early, what is complete becomes a result with a note. Without
// link there is no comparison of the inside.
func Run(ctx context.Context, o *Options, machine result.Machine, p Progress, link Link) (*result.Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "presence-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r := &run{
		Options: o, progress: p, started: time.Now(), people: newPeople("participant", o.Participants),
		idle: make(map[string][]string),
	}
	if err := r.prepare(ctx, dir); err != nil {
		return nil, err
	}
	r.result = &result.Result{
		Version: result.Version, Scenario: "compare redis", Started: r.started.UTC(), Machine: machine,
		Settings: o.settings(),
	}
	r.meter = target.NewMeter(r.started)
	r.meter.Watch("presence-bench", result.Generator, os.Getpid())
	r.meter.Begin()
	err = r.all(ctx, link)
	r.result.Processes = r.meter.Close()
	return r.finish(ctx, err)
}

// prepare finds the servers and divides the cores.
func (r *run) prepare(ctx context.Context, dir string) (err error) {
	if r.Redis != "" { // what is wrong with it is found now, not after minutes
		s, err := useStore(ctx, r.Redis)
		if err != nil {
			return err
		}
		s.close()
	}
	if r.binary, err = target.Binary(ctx, r.Presence, dir); err != nil {
		return err
	}
	servers, generator := target.Share(target.Cores())
	if len(servers) == 0 {
		return nil
	}
	r.cores = servers[:1]
	return target.PinSelf(generator)
}

func (r *run) finish(ctx context.Context, err error) (*result.Result, error) {
	r.result.Seconds = time.Since(r.started).Seconds()
	if err != nil && ctx.Err() == nil || len(r.result.Compared) == 0 {
		return nil, err
	}
	if ctx.Err() != nil {
		r.note("the run was ended early: only what was complete is in it")
	}
	for _, server := range slices.Sorted(maps.Keys(r.idle)) {
		r.note("%s had a fifth of its core or more to spare in: %s. The load, or other processes, were the limit; "+
			"figures are per CPU-second", server, strings.Join(r.idle[server], "; "))
	}
	if r.Redis != "" {
		r.note("the Redis at %s was not started here: it was not kept to one core, as Presence is, and it has its "+
			"own configuration, such as for persistence and threads", r.Redis)
	}
	if r.cores == nil {
		r.note("there are too few cores to keep the servers and the load apart: each took time from the other")
	}
	if r.result.Machine.Dirty {
		r.note("built with changes that were not committed")
	}
	return r.result, r.result.Validate()
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

func (r *run) note(format string, args ...any) {
	r.result.Notes = append(r.result.Notes, fmt.Sprintf(format, args...))
}

// phase begins a phase; the function that it returns ends it.
func (r *run) phase(name string, warmup bool, length time.Duration) (end func()) {
	r.progress.Phase(name, length)
	begun := time.Since(r.started).Seconds()
	return func() {
		r.result.Phases = append(r.result.Phases,
			result.Phase{Name: name, Start: begun, End: time.Since(r.started).Seconds(), Warmup: warmup})
	}
}

// node starts a single node of Presence: several would hold two copies.
func (r *run) node(ctx context.Context, name string, flags ...string) (*target.Cluster, error) {
	c, err := target.StartLocal(ctx, target.Plan{Nodes: 1, Binary: r.binary, Cores: r.cores, Flags: flags})
	if err == nil {
		r.meter.Watch(name, result.Server, c.Nodes[0].PID())
	}
	return c, err
}

// store starts a Redis, or connects to the one that --redis names.
func (r *run) store(ctx context.Context, name string) (s *store, err error) {
	if r.Redis != "" {
		s, err = useStore(ctx, r.Redis)
	} else {
		s, err = startStore(ctx, r.cores)
	}
	if err == nil {
		r.meter.Watch(name, result.Redis, s.pid)
	}
	return s, err
}

// patient are flags with which no participant expires while rates are measured, like the keys on
// Redis.
var patient = []string{"--heartbeat-interval=8m"}

// devices compares the memory of participants with two devices, on fresh servers.
func (r *run) devices(ctx context.Context) error {
	defer r.phase("memory of two devices", true, 0)()
	c, err := r.node(ctx, "presence (two devices)", patient...)
	if err != nil {
		return err
	}
	defer c.Close()
	api := load.NewAPI(c)
	defer api.Close()
	ours, err := r.memory(ctx, c.Nodes[0].PID(), func() error {
		return errors.Join(newBeater(api, r.people, firstDevice).all(ctx),
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
	r.result.Settings["redis version"] = s.version
	theirs, err := r.memory(ctx, s.pid, func() error { return once(ctx, r.people, s.hashes) })
	if err == nil {
		r.twoDevices(ours, theirs)
	}
	return err
}

func (r *run) twoDevices(ours, theirs float64) {
	r.constant(report.TwoDevices, "B/participant", result.Lower, ours, "ids of 24 and 12 bytes, by HTTP")
	r.compareOnce("memory of a participant with two devices (Redis: a hash)", "B/participant", result.Lower, ours,
		theirs, &result.Target{Op: "<", Value: 0.6})
}

// sockets measures the memory of a socket that watches one participant, on a fresh node: a node
// that was loaded before would have room for it already.
func (r *run) sockets(ctx context.Context) error {
	defer r.phase("memory of sockets", true, 0)()
	c, err := r.node(ctx, "presence (sockets)", patient...)
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
	empty, err := r.quiet(ctx, pid)
	if err != nil {
		return err
	}
	idle, err := target.UsageOf(pid)
	if err != nil {
		return err
	}
	r.constant(report.EmptyCPU, "cores", result.Lower,
		max(idle.CPU-before.CPU, leastTick).Seconds()/time.Since(begun).Seconds(), "nobody is there, nothing is asked")
	v, err := watch(ctx, c, r.Subscribers, r.people.batches[0][:1])
	if err != nil {
		return err
	}
	defer v.close()
	full, err := r.quiet(ctx, pid)
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
		all[i] = &load.Visitor{Cluster: c, Records: records, Token: load.ID("beating", i), Device: firstDevice}
		staying.Go(func() { all[i].Stay(ctx, time.Now()) })
	}
	for load.Away(all) > 0 {
		if !load.Sleep(ctx, 10*time.Millisecond) {
			return ctx.Err()
		}
	}
	m, err := measure(ctx, c.Nodes[0].PID(),
		func(ctx context.Context) (int64, error) { return r.beatByTurns(ctx, c, all) })
	if err != nil {
		return err
	}
	r.constant(report.SocketBeatsCPU, "1/s", result.Higher, m.perCPUSecond, "WebSocket, without an answer")
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
	after, err := r.quiet(ctx, pid)
	return float64(after-before.RSS) / float64(r.people.count()), err
}

const (
	quietPause = 500 * time.Millisecond // less where measurements are short
	quietTurns = 40
	quietMost  = 120
)

// quiet waits until the resident memory hasn't changed by a hundredth for 20 s, at most a minute,
// and returns it. Garbage that the load left behind doesn't count: every 15 s a node gives back
// what it doesn't need.
func (r *run) quiet(ctx context.Context, pid int) (rss int64, err error) {
	for turns, same := 0, 0; turns < quietMost && same < quietTurns; turns++ {
		u, err := target.UsageOf(pid)
		if err != nil {
			return 0, err
		}
		if same++; max(u.RSS, rss)-min(u.RSS, rss) > rss/100 {
			rss, same = u.RSS, 0
		}
		if !load.Sleep(ctx, min(quietPause, r.Each/4)) {
			return rss, ctx.Err()
		}
	}
	return rss, nil
}
