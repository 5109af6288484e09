package result

import (
	"slices"
	"time"
)

// Version is the version of the format that this package writes and reads.
const Version = 1

// Result is one run of one scenario.
type Result struct {
	Version  int       `json:"version"`
	Scenario string    `json:"scenario"`
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"duration_s"` // of the whole run, warm-up included
	Machine  Machine   `json:"machine"`

	Settings map[string]string `json:"settings"` // the flags, as on the command line: "participants": "10000"
	Notes    []string          `json:"notes,omitempty"`

	Phases    []Phase      `json:"phases"`
	Faults    []Fault      `json:"faults,omitempty"`
	Processes []Process    `json:"processes"`
	Figures   []Figure     `json:"figures"`
	Latencies []Latency    `json:"latencies,omitempty"`
	Series    []Series     `json:"series,omitempty"`
	Counts    Counts       `json:"counts"`
	Compared  []Comparison `json:"comparison,omitempty"`
}

// Machine is where the run was, and what it was built from.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
	Commit string `json:"commit"` // of presence-bench; "unknown" when it was built without version control
	Dirty  bool   `json:"dirty"`  // built with changes that were not committed
}

// Phase is a part of the run, in seconds since Started.
type Phase struct {
	Name   string  `json:"name"`
	Start  float64 `json:"start_s"`
	End    float64 `json:"end_s"`
	Warmup bool    `json:"warmup,omitempty"` // it has no part in figures, latencies and counts
}

// Fault is something that was done to the servers, and when.
type Fault struct {
	At   float64 `json:"at_s"`
	What string  `json:"what"`
}

// What a process is.
const (
	Server     = "server"
	Generator  = "generator"
	Redis      = "redis"
	Centrifugo = "centrifugo"
)

// Process is what one process used. CPU is user and system time together.
type Process struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	PID     int      `json:"pid,omitempty"`
	CPU     float64  `json:"cpu_seconds"` // of the measured phases
	RSSPeak int64    `json:"rss_peak_bytes"`
	RSSEnd  int64    `json:"rss_end_bytes"`
	Samples []Sample `json:"samples,omitempty"`
}

// Sample is what a process has used at one time.
type Sample struct {
	At  float64 `json:"at_s"`
	CPU float64 `json:"cpu"` // CPU-seconds since the process began
	RSS int64   `json:"rss"` // bytes
}

// Figure is one number that came out.
type Figure struct {
	Name    string    `json:"name"`
	Unit    string    `json:"unit"`
	Value   float64   `json:"value"`
	Better  Better    `json:"better"`
	Runs    []float64 `json:"runs,omitempty"` // when it was measured several times; Value is their median
	Target  *Target   `json:"target,omitempty"`
	Comment string    `json:"comment,omitempty"`
	Size    *Size     `json:"size,omitempty"` // when it was measured at several sizes of a cluster
}

// Size is what is measured, and of how many nodes.
type Size struct {
	Of    string `json:"of"`
	Nodes int    `json:"nodes"`
}

// Better is the direction in which a figure improves.
type Better string

const (
	Lower   Better = "lower"
	Higher  Better = "higher"
	Neither Better = ""
)

// Target is what a figure should be.
type Target struct {
	Op    string  `json:"op"` // one of < <= >= >
	Value float64 `json:"value"`
}

// Series is a value over time.
type Series struct {
	Name   string       `json:"name"`
	Unit   string       `json:"unit"`
	Points [][2]float64 `json:"points"` // seconds since Started, value
}

// Counts are of the measured phases.
type Counts struct {
	Offered  int64            `json:"offered"`  // what was due by the schedule
	Achieved int64            `json:"achieved"` // what was done and answered well
	Errors   map[string]int64 `json:"errors"`   // by kind, such as "timeout" or "status 503"

	FalseOffline int64            `json:"false_offline"` // states "offline" of participants who never left
	Unknown      int64            `json:"unknown"`
	More         map[string]int64 `json:"more,omitempty"` // what else this scenario counts
}

// Comparison is the same work done by Presence and by another server in one run. The keys are from
// when that was always Redis.
type Comparison struct {
	Work   string       `json:"work"`
	Unit   string       `json:"unit"`
	Better Better       `json:"better"`
	Ours   float64      `json:"ours"`
	Theirs float64      `json:"redis"`
	Rival  string       `json:"rival,omitempty"` // the other server; empty: Redis
	Ratio  float64      `json:"ratio"`           // Ours / Theirs
	Label  string       `json:"label"`           // "public": as a backend sees it; "internal": inside the cluster
	Runs   [][2]float64 `json:"runs,omitempty"`
}

// Find returns the figure of a name, and whether there is one.
func (r *Result) Find(name string) (Figure, bool) {
	for _, f := range r.Figures {
		if f.Name == name {
			return f, true
		}
	}
	return Figure{}, false
}

// Median returns the median of values, which must not be empty.
func Median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	n := len(values)
	return (values[n/2] + values[(n-1)/2]) / 2
}

// Met reports whether v is what the target asks for.
func (t Target) Met(v float64) bool {
	switch t.Op {
	case "<":
		return v < t.Value
	case "<=":
		return v <= t.Value
	case ">=":
		return v >= t.Value
	default:
		return v > t.Value
	}
}
