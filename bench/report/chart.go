package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The drawing area of a plot, in the units of its viewBox.
const (
	chartWidth  = 1000
	chartLeft   = 74
	chartRight  = 14
	chartTop    = 22
	chartBottom = 26
)

// chart is a plot as the template draws it.
type chart struct {
	Title string
	Aria  string // what a screen reader says
	Width int
	High  int
	Left  float64
	Right float64
	Top   float64
	Foot  float64
	X, Y  []gridline
	Bands []band
	Marks []mark
	Lines []line
}

// Tall is the height of the drawing area.
func (c *chart) Tall() float64 { return c.Foot - c.Top }

// gridline is the line of a tick, across or up.
type gridline struct {
	At    float64
	Label string
}

// band is a shaded part of the time axis.
type band struct {
	X, W  float64
	Label string
}

// letter is about how wide a letter of a label is.
const letter = 6.5

// Fits reports whether there is room for the label. The tooltip has it in any case.
func (b band) Fits() bool { return float64(len(b.Label))*letter < b.W }

// mark is the numbered line of a fault.
type mark struct {
	X    float64
	N    int
	What string
}

// line is one curve. Color counts from 1 and chooses a CSS class.
type line struct {
	Name  string
	Color int
	Path  string
	Dots  []dot
}

type dot struct {
	X, Y float64
	Tip  string
}

// colors is how many classes of lines the style sheet has.
const colors = 8

func newChart(title string, height int, x, y *axis) *chart {
	c := &chart{
		Title: title, Width: chartWidth, High: height,
		Left: chartLeft, Right: chartWidth - chartRight, Top: chartTop, Foot: float64(height) - chartBottom,
	}
	for _, t := range x.ticks {
		c.X = append(c.X, gridline{c.across(t.At), t.Label})
	}
	for _, t := range y.ticks {
		c.Y = append(c.Y, gridline{c.up(t.At), t.Label})
	}
	return c
}

func (c *chart) across(at float64) float64 { return round(c.Left + at*(c.Right-c.Left)) }
func (c *chart) up(at float64) float64     { return round(c.Foot - at*(c.Foot-c.Top)) }

// round keeps a tenth of a unit, which is less than a screen shows.
func round(v float64) float64 { return math.Round(v*10) / 10 }

// add draws a line through points of x and y.
func (c *chart) add(name string, points [][2]float64, x, y *axis) *line {
	var path strings.Builder
	command := 'M'
	for _, p := range points {
		fmt.Fprintf(&path, "%c%g %g", command, c.across(x.place(p[0])), c.up(y.place(clamp(p[1], y))))
		command = 'L'
	}
	if len(points) == 1 {
		path.WriteString("h0") // a dot, by the round ends of lines
	}
	// parts of one name are one line: a node that was restarted, a series with holes
	if i := slices.IndexFunc(c.Lines, func(l line) bool { return l.Name == name }); i >= 0 {
		c.Lines[i].Path += path.String()
		return &c.Lines[i]
	}
	c.Lines = append(c.Lines, line{Name: name, Color: len(c.Lines)%colors + 1, Path: path.String()})
	c.Aria = c.Title + ": " + c.names()
	return &c.Lines[len(c.Lines)-1]
}

func (c *chart) names() string {
	var names []string
	for _, l := range c.Lines {
		names = append(names, l.Name)
	}
	return strings.Join(names, ", ")
}

func clamp(v float64, a *axis) float64 { return min(max(v, a.from), a.to) }

// thin keeps the lowest and the highest point of each of n stretches: a long series keeps its
// peaks.
func thin(points [][2]float64, n int) [][2]float64 {
	if len(points) <= 2*n {
		return points
	}
	var kept [][2]float64
	for i := range n {
		part := points[i*len(points)/n : (i+1)*len(points)/n]
		low, high := 0, 0
		for j, p := range part {
			if p[1] < part[low][1] {
				low = j
			}
			if p[1] > part[high][1] {
				high = j
			}
		}
		kept = append(kept, part[min(low, high)])
		if low != high {
			kept = append(kept, part[max(low, high)])
		}
	}
	return kept
}
