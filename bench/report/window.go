package report

import (
	"slices"

	"github.com/scaiwave/presence/bench/result"
)

// window is the part of a run that its plots show, in seconds since the run began. At zero the
// measuring begins.
//
//	nodes start │ people arrive │ warm-up │ steady            │ the rest
//	                            from      zero                to
//
// What comes before says nothing of the servers, and is often longer than what is measured.
type window struct{ from, zero, to float64 }

// windowOf begins with the last warm-up before the first measured phase, and ends with the last
// measured phase.
func windowOf(r *result.Result) window {
	first := slices.IndexFunc(r.Phases, func(p result.Phase) bool { return !p.Warmup })
	if first < 0 {
		return window{to: r.Seconds}
	}
	w := window{from: r.Phases[first].Start, zero: r.Phases[first].Start}
	for _, p := range r.Phases {
		if !p.Warmup {
			w.to = max(w.to, p.End)
		} else if p.End <= w.zero && p.Name == warming {
			w.from = p.Start
		}
	}
	if w.to <= w.from {
		return window{to: r.Seconds}
	}
	return w
}

// warming is the name of the phase in which the load runs and nothing is measured yet.
const warming = "warm-up"

// cut returns the points within the window.
func (w window) cut(points [][2]float64) (inside [][2]float64) {
	for _, p := range points {
		if p[0] >= w.from && p[0] <= w.to {
			inside = append(inside, p)
		}
	}
	return inside
}

// farApart is how many times the usual distance apart two points may be and still be joined.
const farApart = 2.5

// unbroken takes a series apart where nothing was measured: a line across would claim that
// something was.
func unbroken(points [][2]float64) (parts [][][2]float64) {
	if len(points) < 3 {
		return [][][2]float64{points}
	}
	var steps []float64
	for i := range points[1:] {
		steps = append(steps, points[i+1][0]-points[i][0])
	}
	most, begun := farApart*result.Median(steps), 0
	for i, step := range steps {
		if step > most {
			parts = append(parts, points[begun:i+1])
			begun = i + 1
		}
	}
	return append(parts, points[begun:])
}

// lasted is how long was measured, and how long the run was, in words.
func lasted(r *result.Result) string {
	w := windowOf(r)
	if measured := w.to - w.zero; measured < r.Seconds {
		return duration(measured) + " measured of " + duration(r.Seconds)
	}
	return duration(r.Seconds)
}
