package result

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Validate returns an error for everything that is missing or cannot be, joined.
func (r *Result) Validate() error {
	c := checks{}
	c.that(r.Version == Version, "version is %d; must be %d", r.Version, Version)
	c.that(r.Scenario != "", "scenario is empty")
	c.that(!r.Started.IsZero(), "started is missing")
	c.that(r.Seconds > 0 && r.Seconds <= maxSeconds, "duration_s is %v; must be above 0 and at most ten years, %v",
		r.Seconds, float64(maxSeconds))
	c.that(r.Machine.Cores > 0 && r.Machine.Go != "" && r.Machine.Commit != "",
		"machine: cores, go and commit are needed")
	c.that(len(r.Phases) > 0, "phases: there must be one")
	c.that(len(r.Figures)+len(r.Compared) > 0, "figures: there must be one")
	c.that(r.Counts.Achieved <= r.Counts.Offered, "counts: %d achieved of %d offered", r.Counts.Achieved,
		r.Counts.Offered)
	for _, p := range r.Phases {
		c.that(p.Name != "" && p.End >= p.Start && p.Start >= 0 && p.End <= maxSeconds, "phase %q: from %v to %v",
			p.Name, p.Start, p.End)
	}
	for _, f := range r.Faults {
		c.bounded("fault", f.What, "at_s", f.At)
	}
	for _, s := range r.Series {
		c.bounded("series", s.Name, "points", flat(s.Points)...)
	}
	c.lists(r)
	return errors.Join(c.wrong...)
}

// lists checks what is measured.
func (c *checks) lists(r *Result) {
	c.names("figure", len(r.Figures), func(i int) string { return r.Figures[i].Name })
	c.names("latency", len(r.Latencies), func(i int) string { return r.Latencies[i].Name })
	c.names("series", len(r.Series), func(i int) string { return r.Series[i].Name })
	c.figures(r.Figures)
	c.processes(r.Processes)
	c.latencies(r.Latencies)
	c.comparisons(r.Compared)
}

type checks struct{ wrong []error }

func (c *checks) that(ok bool, format string, args ...any) {
	if !ok {
		c.wrong = append(c.wrong, fmt.Errorf("result: "+format, args...))
	}
}

// names checks that all names are there and differ: `diff` finds things by them.
func (c *checks) names(what string, n int, name func(int) string) {
	seen := make(map[string]bool)
	for i := range n {
		c.that(name(i) != "", "%s %d has no name", what, i)
		c.that(!seen[name(i)], "%s %q is there twice", what, name(i))
		seen[name(i)] = true
	}
}

func (c *checks) figures(all []Figure) {
	for _, f := range all {
		c.bounded("figure", f.Name, "value", f.Value)
		c.bounded("figure", f.Name, "runs", f.Runs...)
		c.that(f.Better == Lower || f.Better == Higher || f.Better == Neither,
			"figure %q: better is %q; lower, higher or nothing", f.Name, f.Better)
		if f.Size != nil {
			c.that(f.Size.Of != "" && f.Size.Nodes > 0, "figure %q: size: of %q, %d nodes", f.Name, f.Size.Of, f.Size.Nodes)
		}
		if f.Target != nil {
			c.bounded("figure", f.Name, "target", f.Target.Value)
			c.that(slices.Contains([]string{"<", "<=", ">=", ">"}, f.Target.Op),
				"figure %q: target's op is %q; one of < <= >= >", f.Name, f.Target.Op)
		}
	}
}

func (c *checks) processes(all []Process) {
	for _, p := range all {
		c.that(slices.Contains([]string{Server, Generator, Redis, Centrifugo}, p.Kind),
			"process %q: kind is %q; server, generator, redis or centrifugo", p.Name, p.Kind)
		c.that(p.CPU >= 0 && p.CPU < limit, "process %q: cpu_seconds is %v; must be 0 or more, and below %v", p.Name,
			p.CPU, limit)
		for _, s := range p.Samples {
			c.bounded("process", p.Name, "samples", s.At, s.CPU)
		}
		c.that(slices.IsSortedFunc(p.Samples, func(a, b Sample) int { return int(math.Copysign(1, a.At-b.At)) }),
			"process %q: samples are not in order of time", p.Name)
	}
}

func (c *checks) latencies(all []Latency) {
	for _, l := range all {
		c.bounded("latency", l.Name, "percentiles", l.P50, l.P90, l.P99, l.P999, l.Max)
		c.that(l.P50 <= l.P90 && l.P90 <= l.P99 && l.P99 <= l.P999, "latency %q: percentiles do not rise", l.Name)
		h, err := l.Histogram()
		if err != nil {
			c.wrong = append(c.wrong, err)
			continue
		}
		c.that(h.TotalCount() == l.Count, "latency %q: count is %d, its histogram holds %d", l.Name, l.Count,
			h.TotalCount())
	}
}

func (c *checks) comparisons(all []Comparison) {
	for _, x := range all {
		c.bounded("comparison", x.Work, "values", x.Ours, x.Theirs, x.Ratio)
		c.bounded("comparison", x.Work, "runs", flat(x.Runs)...)
		c.that(x.Label == "public" || x.Label == "internal", "comparison %q: label is %q; public or internal", x.Work,
			x.Label)
		c.that(x.Theirs != 0 && math.Abs(x.Ratio-x.Ours/x.Theirs) <= 0.01*math.Abs(x.Ratio),
			"comparison %q: ratio is %v, ours/theirs are %v/%v", x.Work, x.Ratio, x.Ours, x.Theirs)
	}
}

// The bounds of values. Nothing that is measured comes near them, and what is computed from values
// within them stays finite.
const (
	limit      = 1e18
	maxSeconds = 10 * 365 * 24 * 60 * 60
)

// bounded checks that values are within the bounds, and names the first that is not. They are in a
// field of the thing of the kind `what` that has the name.
func (c *checks) bounded(what, name, field string, values ...float64) {
	for _, v := range values {
		if !(math.Abs(v) < limit) { // nor is NaN
			c.that(false, "%s %q: %s: %v; must be between %v and %v", what, name, field, v, -limit, limit)
			return
		}
	}
}

func flat(pairs [][2]float64) (all []float64) {
	for _, p := range pairs {
		all = append(all, p[0], p[1])
	}
	return all
}
