package scenario

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// Sockets has each of several nodes hold as many sockets as a process may have files open, and
// holds the memory of all against what a plan says. A loader for each node, Rushers, has as many.
type Sockets struct {
	Nodes    int           `default:"4" placeholder:"N" help:"How many nodes, each with a process that connects."`
	Sockets  int           `default:"18000" placeholder:"N" help:"Sockets of each node, each with a device, that watch one participant. The limit of open files (ulimit -n) must allow for them, on both sides."`
	Over     time.Duration `default:"1m" placeholder:"TIME" help:"The time over which they connect."`
	Within   time.Duration `default:"3m" placeholder:"TIME" help:"How long to wait for all to be connected."`
	Duration time.Duration `default:"40s" placeholder:"TIME" help:"How long to wait before memory is measured: every 15 s a node gives back what it doesn't need."`
	From     string        `placeholder:"FILE.json" help:"A result of presence-bench compare redis, for the plan's constants of this machine."`
	Presence string        `placeholder:"PATH" help:"The server binary. By default it is built from the module this runs in, or found beside presence-bench or on the PATH."`
	Pin      bool          `default:"true" negatable:"" help:"Keep the nodes and those who connect on different cores, where there are two or more."`
}

// Name is that of the subcommand.
func (s *Sockets) Name() string { return "sockets" }

// Validate is called by the command line.
func (s *Sockets) Validate() error {
	return check(
		limit{"nodes", float64(s.Nodes), 1, maxLocal}, limit{"sockets", float64(s.Sockets), 1, mostSockets},
		limit{"over", s.Over.Seconds(), 0, 3600}, limit{"within", s.Within.Seconds(), 1, 3600},
		limit{"duration", s.Duration.Seconds(), 0, 3600})
}

// flags are those of the nodes. By default there is room for three quarters of the open files
// (14,232 of 20,000). Nobody beats here, since heartbeats are measured elsewhere.
func (s *Sockets) flags() []string {
	return []string{
		fmt.Sprintf("--max-connections=%d", s.Sockets), "--heartbeat-interval=30m", "--unattended-after=0",
	}
}

func (s *Sockets) run(ctx context.Context, r *Run) error {
	planned, err := s.planned()
	if err != nil {
		return err
	}
	dir, binary, err := theBinary(ctx, s.Presence)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r.options.Pin = s.Pin
	end := r.phase("local nodes start", true, 0)
	kill, err := r.launch(ctx, target.Plan{Nodes: s.Nodes, Binary: binary, Flags: s.flags(), Cores: r.divide()}, nameOf)
	end()
	if err != nil {
		return err
	}
	defer kill()
	empty := s.memory(ctx, r, "nobody is there")
	took, away, leave, err := s.connect(ctx, r)
	if err != nil {
		return err
	}
	defer leave()
	full := s.memory(ctx, r, "all are there")
	absent := 0
	r.measure(ctx, "all are asked about", 0, func(ctx context.Context) { absent = s.absent(ctx, r) })
	r.measuredAll()
	if ctx.Err() == nil {
		r.none("sockets missing", away)
		r.none("participants who aren't online", absent)
		s.figures(r, took, empty, full, planned)
	}
	return nil
}

// memory is that of all nodes, once they have given back what they don't need.
func (s *Sockets) memory(ctx context.Context, r *Run, when string) (bytes float64) {
	r.measure(ctx, when, s.Duration, func(ctx context.Context) { load.Sleep(ctx, s.Duration) })
	return float64(r.Meter.RSS(result.Server))
}

// people are the participants of a node.
func (s *Sockets) people(node int) []string {
	return ids(fmt.Sprintf("participant-%d", node), s.Sockets)
}

// absent asks about all, and returns how many aren't online.
func (s *Sockets) absent(ctx context.Context, r *Run) (n int) {
	for node := range s.Nodes {
		for part := range slices.Chunk(s.people(node), watchedEach) {
			due := time.Now()
			answer, err := r.API.Query(ctx, load.QueryBody(part))
			if ctx.Err() != nil {
				return n
			}
			r.Records.Offered(due, int64(len(part)))
			r.Records.Done("query", due, int64(len(part)), err)
			n += len(part) - bytes.Count(answer, []byte(`:"online"`))
		}
	}
	return n
}

// connect has all loaders connect, and waits for them. leave ends them.
func (s *Sockets) connect(ctx context.Context, r *Run) (took time.Duration, away int, leave func(), err error) {
	var loaders []*rushers
	leave = func() {
		for _, l := range loaders {
			l.leave()
		}
	}
	r.measure(ctx, "all connect", s.Over, func(ctx context.Context) {
		for i, url := range r.urls() {
			t := rush{
				Servers: []string{url}, Within: s.Within, Over: s.Over, Watched: load.ID("participant", 0), Addresses: 4,
				Tokens: s.people(i),
			}
			l, failed := startRushers(ctx, t)
			if err = failed; err != nil {
				return
			}
			loaders = append(loaders, l)
		}
		for _, l := range loaders {
			told, failed := l.wait()
			if err = failed; err != nil {
				return
			}
			told.note(r.Records)
			took, away = max(took, told.Took), away+told.Away
		}
	})
	if err != nil {
		leave()
	}
	return took, away, leave, err
}

// planned is the memory that a plan has for all nodes.
func (s *Sockets) planned() (bytes float64, err error) {
	var from []string
	if s.From != "" {
		from = []string{s.From}
	}
	constants, err := report.Constants(from)
	if err != nil {
		return 0, err
	}
	p, err := report.Plan(report.Wish{
		Participants: float64(s.Nodes * s.Sockets), Devices: 1, Watch: 1, Interval: time.Hour, Nodes: s.Nodes,
		Cores: 1024, Memory: 1 << 10, Network: 100, Sockets: 1e7, Fill: 1,
	}, constants)
	if err != nil {
		return 0, err
	}
	for _, c := range p.Costs {
		if c.Resource == "memory" {
			bytes += c.Amount
		}
	}
	return bytes, nil
}

func (s *Sockets) figures(r *Run, took time.Duration, empty, full, planned float64) {
	r.number("all connected after", "s", result.Lower, took.Seconds(), "")
	r.number("memory of an empty node", "B", result.Lower, empty/float64(s.Nodes), "")
	r.number("memory a socket", "B", result.Lower, (full-empty)/float64(s.Nodes*s.Sockets),
		"with a participant and a device, which two nodes hold, and one watched id")
	r.number("memory of all nodes", "B", result.Lower, full, "")
	r.number("memory of all nodes, planned", "B", result.Lower, planned, "")
	r.number("memory of all nodes to what was planned", "x", result.Lower, full/planned, "")
}
