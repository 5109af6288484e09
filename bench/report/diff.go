package report

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/scaiwave/presence/bench/result"
)

// Difference is one figure of two results.
type Difference struct {
	Name    string
	Unit    string
	Before  float64
	After   float64
	Better  result.Better
	Verdict Verdict

	needed bool // it has a target or is a latency: missing it is worse
}

// Verdict is what a difference means.
type Verdict string

// The verdicts. A change within the tolerance is the same. A figure that improves in no direction
// only differs.
const (
	Same    Verdict = "same"
	Good    Verdict = "better"
	Worse   Verdict = "WORSE"
	Differs Verdict = "differs"
)

// Differences are two results, side by side.
type Differences struct {
	Rows    []Difference
	Caveats []string // why the two may not be comparable
	Missing []string // what only one of them has
	lost    int      // how many of Missing were needed
}

// Diff compares b with a, which was before. A figure that changes by more than tolerance (0.1: a
// tenth) is better or worse.
func Diff(a, b *result.Result, tolerance float64) *Differences {
	d := &Differences{Caveats: caveats(a, b)}
	before, after := figuresOf(a), figuresOf(b)
	for _, x := range before {
		i := slices.IndexFunc(after, func(y Difference) bool { return y.Name == x.Name && y.Unit == x.Unit })
		if i < 0 {
			d.miss(x)
			continue
		}
		x.After = after[i].Before
		x.Verdict = judge(x, tolerance)
		d.Rows = append(d.Rows, x)
		after = slices.Delete(after, i, i+1)
	}
	for _, y := range after {
		d.Missing = append(d.Missing, "only after: "+y.Name)
	}
	return d
}

// miss lists what only the first result has. Otherwise a target that is no longer measured would
// look as if it were met.
func (d *Differences) miss(x Difference) {
	if !x.needed {
		d.Missing = append(d.Missing, "only before: "+x.Name)
		return
	}
	d.Missing = append(d.Missing, "missing now: "+x.Name)
	d.lost++
}

// figuresOf are all the numbers of a result that can be compared.
func figuresOf(r *result.Result) (all []Difference) {
	for _, f := range r.Figures {
		all = append(all, Difference{
			Name: f.Name, Unit: f.Unit, Before: f.Value, Better: f.Better,
			needed: f.Target != nil,
		})
	}
	for _, l := range r.Latencies {
		for _, p := range []struct {
			name string
			v    float64
		}{{"50 %", l.P50}, {"99 %", l.P99}, {"99.9 %", l.P999}} {
			all = append(all, Difference{
				Name: l.Name + ", " + p.name, Unit: l.Unit, Before: p.v, Better: result.Lower,
				needed: true,
			})
		}
	}
	for _, c := range r.Compared {
		all = append(all, Difference{Name: c.Work + " (ours)", Unit: c.Unit, Before: c.Ours, Better: c.Better})
	}
	return append(all, countsOf(&r.Counts)...)
}

func countsOf(c *result.Counts) []Difference {
	errors := int64(0)
	for _, n := range c.Errors {
		errors += n
	}
	return []Difference{
		{Name: "count: errors", Before: float64(errors), Better: result.Lower},
		{Name: "count: shown offline without being so", Before: float64(c.FalseOffline), Better: result.Lower},
	}
}

// judge returns what a change means. From zero to something there is no ratio: that is beyond every
// tolerance.
func judge(x Difference, tolerance float64) Verdict {
	change := x.After - x.Before
	switch {
	case math.Abs(change) <= tolerance*math.Abs(x.Before):
		return Same
	case x.Better == result.Neither:
		return Differs
	case (change > 0) == (x.Better == result.Higher):
		return Good
	}
	return Worse
}

// caveats are what else differs: a figure of another machine, or of other settings, is another
// figure.
func caveats(a, b *result.Result) (all []string) {
	differ := func(what, before, after string) {
		if before != after {
			all = append(all, fmt.Sprintf("%s differs: %q before, %q after", what, before, after))
		}
	}
	differ("the scenario", a.Scenario, b.Scenario)
	differ("the CPU", a.Machine.CPU, b.Machine.CPU)
	differ("the number of cores", fmt.Sprint(a.Machine.Cores), fmt.Sprint(b.Machine.Cores))
	differ("the kernel", a.Machine.Kernel, b.Machine.Kernel)
	differ("Go", a.Machine.Go, b.Machine.Go)
	names := slices.Concat(slices.Collect(maps.Keys(a.Settings)), slices.Collect(maps.Keys(b.Settings)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		differ("--"+name, a.Settings[name], b.Settings[name])
	}
	for _, r := range []struct {
		when string
		*result.Result
	}{{"before", a}, {"after", b}} {
		for _, note := range r.Notes {
			all = append(all, r.when+": "+note)
		}
	}
	return all
}

// Regressions returns how many figures are worse, or missing though they have a target or are a
// latency.
func (d *Differences) Regressions() int {
	n := d.lost
	for _, x := range d.Rows {
		if x.Verdict == Worse {
			n++
		}
	}
	return n
}

// WriteTo writes a table for a terminal.
func (d *Differences) WriteTo(w io.Writer) (int64, error) {
	var text strings.Builder
	for _, c := range d.Caveats {
		fmt.Fprintln(&text, "! "+printable(c))
	}
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "figure\tbefore\tafter\tratio\t")
	for _, x := range d.Rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", printable(x.Name), printable(quantity(x.Before, x.Unit)),
			printable(quantity(x.After, x.Unit)), ratio(x), x.Verdict)
	}
	_ = t.Flush()
	for _, m := range d.Missing {
		fmt.Fprintln(&text, printable(m))
	}
	n, err := io.WriteString(w, text.String())
	return int64(n), err
}

func ratio(x Difference) string {
	switch {
	case x.Before == x.After:
		return "1"
	case x.Before == 0:
		return "–"
	}
	return digits(x.After / x.Before)
}
