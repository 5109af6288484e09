package report

import (
	"fmt"
	"slices"

	"github.com/scaiwave/presence/bench/result"
)

// growth is what was measured of clusters of several sizes: a table with a column for each size,
// and a plot.
type growth struct {
	Columns []string
	Rows    []besideRow
	Chart   *chart
}

// sized is one thing that was measured, by the number of nodes, ascending.
type sized struct {
	name, unit string
	points     [][2]float64
}

// bySize gathers the figures that have a size. A figure of one size alone grows with nothing.
func bySize(all []result.Figure) (by []sized) {
	for _, f := range all {
		if f.Size == nil {
			continue
		}
		i := slices.IndexFunc(by, func(s sized) bool { return s.name == f.Size.Of })
		if i < 0 {
			i = len(by)
			by = append(by, sized{name: f.Size.Of, unit: f.Unit})
		}
		by[i].points = append(by[i].points, [2]float64{float64(f.Size.Nodes), f.Value})
	}
	for _, s := range by {
		slices.SortFunc(s.points, func(a, b [2]float64) int { return int(a[0] - b[0]) })
	}
	return slices.DeleteFunc(by, func(s sized) bool { return len(s.points) < 2 })
}

// growthOf is nil if nothing was measured of several sizes.
func growthOf(all []result.Figure) *growth {
	by := bySize(all)
	if len(by) == 0 {
		return nil
	}
	g, column := &growth{}, make(map[float64]int)
	var nodes []float64
	for _, s := range by {
		for _, p := range s.points {
			nodes = append(nodes, p[0])
		}
	}
	for i, n := range slices.Compact(slices.Sorted(slices.Values(nodes))) {
		column[n] = i
		g.Columns = append(g.Columns, digits(n)+" nodes")
	}
	for _, s := range by {
		row := besideRow{Name: s.name, Values: slices.Repeat([]string{"–"}, len(g.Columns))}
		for _, p := range s.points {
			row.Values[column[p[0]]] = quantity(p[1], s.unit)
		}
		g.Rows = append(g.Rows, row)
	}
	g.Chart = growthChart(by)
	return g
}

// multiples are the values as multiples of the one in the smallest cluster. There are none of zero.
func (s sized) multiples() (points [][2]float64) {
	for _, p := range s.points {
		if base := s.points[0][1]; base > 0 {
			points = append(points, [2]float64{p[0], p[1] / base})
		}
	}
	return points
}

// growthChart plots everything as multiples, so that all units share a scale.
func growthChart(by []sized) *chart {
	least, most, top := by[0].points[0][0], by[0].points[1][0], 1.0
	for _, s := range by {
		for _, p := range s.multiples() {
			least, most, top = min(least, p[0]), max(most, p[0]), max(top, p[1])
		}
	}
	x := linear(least, most, 8, func(v float64) string { return digits(v) + " nodes" })
	y := linear(0, top*1.02, 4, func(v float64) string { return digits(v) + "×" })
	c := newChart(fmt.Sprintf("Growth, as multiples of %s nodes", digits(least)), 280, &x, &y)
	for _, s := range by {
		points := s.multiples()
		drawn := c.add(s.name, points, &x, &y)
		for _, p := range points {
			tip := fmt.Sprintf("%s, %s nodes: %s×", s.name, digits(p[0]), digits(p[1]))
			drawn.Dots = append(drawn.Dots, dot{c.across(x.place(p[0])), c.up(y.place(clamp(p[1], &y))), tip})
		}
	}
	return c
}
