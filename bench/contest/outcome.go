package contest

import (
	"slices"
	"strings"

	"github.com/scaiwave/presence/bench/result"
)

// Compare adds a comparison of the medians of rounds, and their ratio as a figure.
func (r *Run) Compare(work, unit string, better result.Better, label string, runs [][2]float64, goal *result.Target) {
	var ours, theirs, ratios []float64
	for _, x := range runs {
		ours, theirs, ratios = append(ours, x[0]), append(theirs, x[1]), append(ratios, x[0]/x[1])
	}
	c := result.Comparison{
		Work: work, Unit: unit, Better: better, Ours: result.Median(ours), Theirs: result.Median(theirs),
		Rival: r.Rival, Label: label,
	}
	c.Ratio = c.Ours / c.Theirs
	if len(runs) > 1 {
		c.Runs = runs
	} else {
		ratios = nil
	}
	r.Result.Compared = append(r.Result.Compared, c)
	r.Result.Figures = append(r.Result.Figures, result.Figure{
		Name: work + ": ours to " + r.Rival, Value: c.Ratio, Better: better, Runs: ratios, Target: goal, Comment: label,
	})
}

// CompareOnce adds a comparison of what is measured once.
func (r *Run) CompareOnce(work, unit string, better result.Better, ours, theirs float64, goal *result.Target) {
	r.Compare(work, unit, better, "public", [][2]float64{{ours, theirs}}, goal)
}

// busyEnough is the share of its core from which on a server was the limit.
const busyEnough = 0.8

// Doubt notes that a server waited for the load. A rate per CPU-second is fair even then, but a
// server that is full handles more at once.
func (r *Run) Doubt(server, work string, m Measured) {
	name, _, _ := strings.Cut(work, " (")
	if r.Cores != nil && m.Busy < busyEnough && !slices.Contains(r.idle[server], name) {
		r.idle[server] = append(r.idle[server], name)
	}
}
