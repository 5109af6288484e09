package report

import (
	"cmp"
	"strings"

	"github.com/scaiwave/presence/bench/result"
)

// bar is a value, and how long it is drawn, in percent.
type bar struct {
	Name   string
	Label  string // "ours", "theirs" or nothing
	Value  string
	Length float64
}

// versus is one work that Presence and another server did.
type versus struct {
	Work    string
	Rival   string // the other server
	Bars    [2]bar
	Verdict string
	Winner  string // "ours", "theirs" or "even"
	Lower   bool   // less is better
	Spread  string // of the rounds' ratios
}

// group are the comparisons of one label.
type group struct {
	Title, Says string
	Rows        []versus
}

var groups = []struct{ label, title, says string }{
	{"public", "What a backend sees", "Through the public API, as an application calls it."},
	{"internal", "Inside, at saturation", "Over the link between two nodes, driven as hard as it goes: what a " +
		"gateway can ask of an owner, not what a backend sees."},
}

func compared(all []result.Comparison) (shown []group) {
	for _, g := range groups {
		rows := group{Title: g.title, Says: g.says}
		for _, c := range all {
			if c.Label == g.label {
				rows.Rows = append(rows.Rows, compare(c))
			}
		}
		if len(rows.Rows) > 0 {
			shown = append(shown, rows)
		}
	}
	return shown
}

// even is how far from 1 a ratio is still no difference: rounds differ more among themselves.
const even = 0.03

func compare(c result.Comparison) versus {
	longest := max(c.Ours, c.Theirs)
	rival := cmp.Or(c.Rival, "Redis")
	v := versus{Work: c.Work, Rival: rival, Lower: c.Better == result.Lower, Spread: spread(c.Runs)}
	v.Bars[0] = bar{"Presence", "ours", quantity(c.Ours, c.Unit), round(100 * c.Ours / longest)}
	v.Bars[1] = bar{rival, "theirs", quantity(c.Theirs, c.Unit), round(100 * c.Theirs / longest)}
	gain := c.Ratio
	if v.Lower {
		gain = 1 / c.Ratio
	}
	switch {
	case gain > 1+even:
		v.Winner, v.Verdict = "ours", "Presence is "+digits(gain)+" times better"
	case gain < 1/(1+even):
		v.Winner, v.Verdict = "theirs", rival+" is "+digits(1/gain)+" times better"
	default:
		v.Winner, v.Verdict = "even", "no difference"
	}
	return v
}

// spread is the least and the largest ratio of the rounds, in words.
func spread(runs [][2]float64) string {
	if len(runs) < 2 {
		return ""
	}
	low, high := runs[0][0]/runs[0][1], runs[0][0]/runs[0][1]
	for _, r := range runs {
		low, high = min(low, r[0]/r[1]), max(high, r[0]/r[1])
	}
	return digits(low) + " to " + digits(high) + " in " + digits(float64(len(runs))) + " rounds"
}

// memory are bars of the figures in bytes a thing: what a participant, a device or a socket takes.
func memory(all []result.Figure) (bars []bar) {
	longest := 0.0
	for _, f := range all {
		if isMemory(f) {
			longest = max(longest, f.Value)
		}
	}
	for _, f := range all {
		if isMemory(f) && longest > 0 {
			bars = append(bars, bar{
				Name: f.Name, Value: quantity(f.Value, f.Unit),
				Length: round(100 * max(f.Value, 0) / longest),
			})
		}
	}
	return bars
}

// isMemory reports whether a figure is in bytes for each of something, not for all.
func isMemory(f result.Figure) bool {
	return strings.HasPrefix(f.Unit, "B/") || f.Unit == "B" && strings.HasPrefix(f.Name, "memory a ")
}
