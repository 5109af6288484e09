package report

import (
	"math"

	"github.com/scaiwave/presence/bench/result"
)

// latencyChart plots whole distributions. It is nil when nothing was recorded.
func latencyChart(all []result.Latency) (*chart, error) {
	var count int64
	low, high := math.Inf(1), 0.0
	for _, l := range all {
		count = max(count, l.Count)
		if l.Count > 0 {
			low, high = min(low, max(l.P50/4, 0.001)), max(high, l.Max)
		}
	}
	if high == 0 {
		return nil, nil
	}
	x, y := percentiles(count), logarithmic(low, high, func(ms float64) string { return duration(ms / 1000) })
	c := newChart("Latency by percentile", 320, &x, &y)
	for _, l := range all {
		if err := c.addLatency(l, &x, &y); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *chart) addLatency(l result.Latency, x, y *axis) error {
	h, err := l.Histogram()
	if err != nil || l.Count == 0 {
		return err
	}
	var points [][2]float64
	for i := range 201 {
		nines := x.scale(x.to) * float64(i) / 200
		if nines > math.Log10(float64(l.Count)) {
			break
		}
		q := 1 - math.Pow(10, -nines)
		points = append(points, [2]float64{q, float64(h.ValueAtQuantile(100*q)) / 1000})
	}
	drawn := c.add(l.Name, points, x, y)
	for _, p := range []struct{ q, ms float64 }{{0.5, l.P50}, {0.9, l.P90}, {0.99, l.P99}, {0.999, l.P999}} {
		if p.q > x.to || float64(l.Count)*(1-p.q) < 1 {
			continue
		}
		tip := l.Name + ": " + digits(100*p.q) + " % within " + quantity(p.ms, l.Unit)
		drawn.Dots = append(drawn.Dots, dot{c.across(x.place(p.q)), c.up(y.place(clamp(p.ms, y))), tip})
	}
	return nil
}
