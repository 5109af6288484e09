package report

import "math"

// axis places values between 0, its beginning, and 1, its end.
type axis struct {
	from, to float64
	scale    func(float64) float64
	ticks    []tick
}

type tick struct {
	At    float64 // 0 to 1
	Label string
}

func (a *axis) place(v float64) float64 {
	return (a.scale(v) - a.scale(a.from)) / (a.scale(a.to) - a.scale(a.from))
}

func (a *axis) tick(v float64, label string) {
	a.ticks = append(a.ticks, tick{a.place(v), label})
}

func same(v float64) float64 { return v }

// linear is an axis from `from` to the first round number at or above `to`, with about n ticks.
func linear(from, to float64, n int, label func(float64) string) axis {
	step := roundStep(to-from, n)
	a := axis{from: from, to: math.Ceil(to/step-1e-9) * step, scale: same}
	first := math.Ceil(from / step)
	for i := range n + 2 { // a bound, because adding a step to a very large number may not change it
		if v := (first + float64(i)) * step; v <= a.to*(1+1e-9) {
			a.tick(v, label(v))
		}
	}
	return a
}

// during is an axis of time over a window. Its labels count from the window's zero.
func during(w window) axis {
	a := linear(w.from-w.zero, w.to-w.zero, 8, func(v float64) string { return digits(v) + " s" })
	inside := axis{from: w.from, to: w.to, scale: same}
	for _, t := range a.ticks {
		if v := w.zero + a.from + t.At*(a.to-a.from); v <= w.to*(1+1e-9) {
			inside.tick(v, t.Label)
		}
	}
	return inside
}

// roundStep is the distance of about n ticks over a span: 1, 2 or 5 times a power of ten.
func roundStep(span float64, n int) float64 {
	rough := span / float64(n)
	if !(rough > 0) { // the smallest numbers, divided, are zero
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5} {
		if rough <= m*power {
			return m * power
		}
	}
	return 10 * power
}

// logarithmic is an axis over values above zero. It has a tick at each power of ten, and at 2 and 5
// times that where there are few.
func logarithmic(from, to float64, label func(float64) string) axis {
	low, high := math.Floor(math.Log10(from)), math.Ceil(math.Log10(to))
	if high == low {
		high++
	}
	a := axis{from: math.Pow(10, low), to: math.Pow(10, high), scale: math.Log10}
	multiples := []float64{1}
	if high-low <= 2 {
		multiples = []float64{1, 2, 5}
	}
	for e := low; e <= high; e++ {
		for _, m := range multiples {
			if v := m * math.Pow(10, e); v <= a.to*(1+1e-9) {
				a.tick(v, label(v))
			}
		}
	}
	return a
}

// percentiles is an axis of ratios on which each further nine is as far away as the one before. It
// ends at 1 - 1/n: of n values, no ratio beyond that can be told from the largest.
func percentiles(n int64) axis {
	nines := math.Min(math.Max(math.Log10(float64(n)), 2), 6)
	a := axis{from: 0, to: 1 - math.Pow(10, -nines), scale: func(q float64) float64 { return -math.Log10(1 - q) }}
	for _, q := range []struct {
		at    float64
		label string
	}{
		{0, "0"},
		{0.5, "50 %"},
		{0.9, "90 %"},
		{0.99, "99 %"},
		{0.999, "99.9 %"},
		{0.9999, "99.99 %"},
		{0.99999, "99.999 %"},
	} {
		if q.at <= a.to+1e-9 {
			a.tick(q.at, q.label)
		}
	}
	return a
}
