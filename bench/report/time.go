package report

import (
	"slices"

	"github.com/scaiwave/presence/bench/result"
)

// maxStretches is about how many points a line has at most: more would not show.
const maxStretches = 200

// over is one plot: lines of one unit over the time of a run.
type over struct {
	title, unit string
	lines       []result.Series
}

// timeCharts plots everything that a run has over time: one plot for each unit, on one time axis.
func timeCharts(r *result.Result) []*chart {
	var all []*chart
	w := windowOf(r)
	x := during(w)
	for _, o := range append(seriesByUnit(r.Series), cpuOf(r), memoryOf(r)) {
		top := 0.0
		for i, l := range o.lines {
			o.lines[i].Points = w.cut(l.Points)
			for _, p := range o.lines[i].Points {
				top = max(top, p[1])
			}
		}
		if top == 0 {
			continue
		}
		y := linear(0, top*1.02, 4, func(v float64) string { return quantity(v, o.unit) })
		c := newChart(o.title, 200, &x, &y)
		for _, l := range o.lines {
			for _, part := range unbroken(l.Points) {
				c.add(l.Name, thin(part, maxStretches), &x, &y)
			}
		}
		c.annotate(r, &x)
		all = append(all, c)
	}
	return all
}

// annotate marks the warm-up and the faults.
func (c *chart) annotate(r *result.Result, x *axis) {
	for _, p := range r.Phases {
		if p.Warmup && p.End > x.from && p.Start < x.to {
			from, to := c.across(x.place(clamp(p.Start, x))), c.across(x.place(clamp(p.End, x)))
			c.Bands = append(c.Bands, band{from, round(to - from), p.Name})
		}
	}
	for i, f := range r.Faults {
		c.Marks = append(c.Marks, mark{c.across(x.place(clamp(f.At, x))), i + 1, f.What})
	}
}

var titles = map[string]string{"1/s": "Throughput", "ms": "Latency over time"}

func seriesByUnit(all []result.Series) (by []over) {
	for _, s := range all {
		if len(s.Points) < 2 {
			continue
		}
		i := slices.IndexFunc(by, func(o over) bool { return o.unit == s.Unit })
		if i < 0 {
			i = len(by)
			title := titles[s.Unit]
			if title == "" {
				title = s.Name
			}
			by = append(by, over{title: title, unit: s.Unit})
		}
		by[i].lines = append(by[i].lines, s)
	}
	return by
}

// cpuOf is how many cores each process kept busy between two samples.
func cpuOf(r *result.Result) over {
	o := over{title: "CPU", unit: "cores"}
	for _, p := range r.Processes {
		if points := coresOf(p.Samples, r.Seconds/maxStretches); len(points) > 1 {
			o.lines = append(o.lines, result.Series{Name: p.Name, Points: points})
		}
	}
	return o
}

// coresOf takes samples that are at least `atLeast` seconds apart: the kernel counts in hundredths,
// and a long run has many samples.
func coresOf(samples []result.Sample, atLeast float64) (points [][2]float64) {
	if len(samples) == 0 {
		return nil
	}
	a := samples[0]
	for _, b := range samples[1:] {
		switch {
		case b.CPU < a.CPU: // the process was restarted
			a = b
		case b.At-a.At >= max(atLeast, 0.1):
			points = append(points, [2]float64{b.At, (b.CPU - a.CPU) / (b.At - a.At)})
			a = b
		}
	}
	return points
}

func memoryOf(r *result.Result) over {
	o := over{title: "Memory (RSS)", unit: "B"}
	for _, p := range r.Processes {
		var points [][2]float64
		for _, s := range p.Samples {
			points = append(points, [2]float64{s.At, float64(s.RSS)})
		}
		if len(points) > 1 {
			o.lines = append(o.lines, result.Series{Name: p.Name, Points: points})
		}
	}
	return o
}
