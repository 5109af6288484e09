package report

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/scaiwave/presence/bench/result"
)

// The constants that a plan is made of: names of figures in a result. `presence-bench compare
// redis` measures all of them.
const (
	EmptyNode       = "constant: memory of an empty node"
	OneDevice       = "constant: memory of a participant with one device, one copy"
	TwoDevices      = "constant: memory of a participant with two devices, one copy"
	Socket          = "constant: memory of a socket"
	EmptyCPU        = "constant: cores of an empty node"
	BeatsCPU        = "constant: heartbeats a server CPU-second, in batches"
	SocketBeatsCPU  = "constant: heartbeats a server CPU-second, by socket"
	DeliveriesCPU   = "constant: deliveries a server CPU-second, one at a time"
	BeatBytes       = "constant: bytes of a heartbeat in a batch"
	SocketBeatBytes = "constant: bytes of a heartbeat by socket"
	DeliveryBytes   = "constant: bytes of a delivery"
	constantPrefix  = "constant: "
	constantMaker   = "presence-bench compare redis --out=FILE.json"
	secondsPerHour  = 3600
)

// edgeBytes is the memory of an edge in one copy, where each participant has 200. It is the same on
// every machine. BenchmarkEdges of shard/host measures 28 of 100,000 participants, and 22 of a
// million.
const edgeBytes = 28.0

// Wish is the deployment to plan: the flags of `presence-bench plan`.
type Wish struct {
	Participants float64       `required:"" help:"Participants who are there at once (1 to 10 billion)."`
	Devices      float64       `default:"1" help:"Devices of each (0.1 to 64)."`
	Watch        float64       `default:"50" help:"Participants whom each watches, by a WebSocket of each device, which then carries its heartbeats too; 0: nobody watches, and a backend sends the heartbeats in batches (0 to 5,000)."`
	Changes      float64       `default:"4" help:"Changes of each in an hour that others see (0 to 3,600)."`
	Edges        float64       `default:"0" help:"Viewers of each whom a backend allows or denies (0 to 10,000)."`
	Interval     time.Duration `default:"30s" help:"Between two heartbeats of a device (1s to 1h)."`
	Nodes        int           `default:"3" help:"Nodes of the deployment (1 to 1,000)."`
	Cores        float64       `default:"2" help:"Cores of a node."`
	Memory       float64       `default:"8" help:"Memory of a node in GiB."`
	Network      float64       `default:"1" help:"Network of a node in Gbit/s."`
	Sockets      float64       `default:"20000" help:"Sockets that a node may hold: its limit of open files."`
	Fill         float64       `default:"0.6" help:"How much of a node to use at most, with one node of several lost (0.05 to 1)."`
}

// Check returns an error that names the first flag that is out of bounds.
func (w *Wish) Check() error {
	for _, b := range []struct {
		name          string
		is, low, high float64
	}{
		{"participants", w.Participants, 1, 1e10},
		{"devices", w.Devices, 0.1, 64},
		{"watch", w.Watch, 0, 5000},
		{"changes", w.Changes, 0, 3600},
		{"edges", w.Edges, 0, 10_000},
		{"interval", w.Interval.Seconds(), 1, secondsPerHour},
		{"nodes", float64(w.Nodes), 1, 1000},
		{"cores", w.Cores, 0.1, 1024},
		{"memory", w.Memory, 0.1, 1 << 16},
		{"network", w.Network, 0.001, 1000},
		{"sockets", w.Sockets, 1, 1e7},
		{"fill", w.Fill, 0.05, 1},
	} {
		if !(b.is >= b.low && b.is <= b.high) {
			return fmt.Errorf("--%s is %v; it must be %v to %v", b.name, b.is, b.low, b.high)
		}
	}
	return nil
}

// Cost is one thing that a deployment needs, over all nodes, and what it grows with.
type Cost struct {
	Resource string // "CPU", "memory", "network", "sockets"
	What     string
	Amount   float64
	Unit     string
	Grows    string
}

// Use is how full a resource of a node is when one of several nodes is lost.
type Use struct {
	Resource string
	Needed   float64 // of one node
	Has      float64
	Unit     string
	Nodes    int // how many would be enough for this resource alone
}

// Share is the part of what the node has.
func (u Use) Share() float64 { return u.Needed / u.Has }

// Planned is what a wish needs. Uses are ordered, the fullest first: that is the first bottleneck.
type Planned struct {
	Wish  Wish
	Costs []Cost
	Uses  []Use
	Nodes int // how many are enough for all resources
}

// ErrConstant means that no result has a constant that a plan needs.
var ErrConstant = errors.New("report: a constant is missing")

// constants finds figures in results. The last result that has a figure counts.
type constants struct {
	from    []*result.Result
	missing []error
}

func (c *constants) get(name string) float64 {
	for i := len(c.from) - 1; i >= 0; i-- {
		if f, ok := c.from[i].Find(name); ok && f.Value > 0 {
			return f.Value
		}
	}
	c.missing = append(c.missing, fmt.Errorf("%w: no file has %q; measure it: %s", ErrConstant, name, constantMaker))
	return math.NaN()
}

// Plan computes what w needs from what was measured.
func Plan(w Wish, from []*result.Result) (*Planned, error) {
	if err := w.Check(); err != nil {
		return nil, err
	}
	c := &constants{from: from}
	p := &Planned{Wish: w, Costs: costs(&w, c)}
	if err := errors.Join(c.missing...); err != nil {
		return nil, err
	}
	several := w
	several.Nodes = max(w.Nodes, 2)
	return p, p.weigh(&Planned{Wish: several, Costs: costs(&several, c)})
}

// eachNode is what the costs grow with that each node has by itself.
const eachNode = "nodes"

// copies are how many nodes hold each participant: the owner and its backup.
func (w *Wish) copies() float64 { return math.Min(float64(w.Nodes), 2) }

// watching is the number of sockets of viewers.
func (w *Wish) watching() float64 {
	if w.Watch == 0 {
		return 0
	}
	return w.Participants * w.Devices
}

func costs(w *Wish, c *constants) []Cost {
	beats := w.Participants * w.Devices / w.Interval.Seconds()
	beatsCPU, beatBytes, way := BeatsCPU, BeatBytes, "heartbeats, in batches of a backend"
	if w.Watch > 0 {
		beatsCPU, beatBytes, way = SocketBeatsCPU, SocketBeatBytes, "heartbeats, by socket"
	}
	one, two := c.get(OneDevice), c.get(TwoDevices)
	all := []Cost{
		{"memory", "empty nodes", float64(w.Nodes) * c.get(EmptyNode), "B", eachNode},
		{
			"memory", "participants and devices", w.copies() * w.Participants * (one + (w.Devices-1)*(two-one)), "B",
			"participants × devices; two copies from the second node on",
		},
		{"CPU", "empty nodes", float64(w.Nodes) * c.get(EmptyCPU), "cores", eachNode},
		{"CPU", way, beats / c.get(beatsCPU), "cores", "participants × devices ÷ interval"},
		{"network", way, beats * c.get(beatBytes), "B/s", "participants × devices ÷ interval"},
	}
	if w.Edges > 0 {
		all = append(all, Cost{
			"memory", "edges", w.copies() * w.Participants * w.Edges * edgeBytes, "B",
			"participants × edges; two copies from the second node on",
		})
	}
	if w.Watch == 0 {
		return all
	}
	told := w.Participants * w.Changes / secondsPerHour * w.Watch * w.Devices
	return append(all,
		Cost{"memory", "sockets of viewers", w.watching() * c.get(Socket), "B", "participants × devices"},
		Cost{"CPU", "deliveries", told / c.get(DeliveriesCPU), "cores", "participants × watch × changes × devices"},
		Cost{"network", "deliveries", told * c.get(DeliveryBytes), "B/s", "participants × watch × changes × devices"},
		Cost{"sockets", "of viewers", w.watching(), "sockets", "participants × devices"})
}
