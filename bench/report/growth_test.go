package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/scaiwave/presence/bench/result"
)

// measuredAt is a figure of a cluster.
func measuredAt(of, unit string, nodes int, value float64) result.Figure {
	return result.Figure{
		Name: of + ", " + digits(float64(nodes)) + " nodes", Unit: unit, Value: value,
		Size: &result.Size{Of: of, Nodes: nodes},
	}
}

func TestGrowth(t *testing.T) {
	g := growthOf([]result.Figure{
		measuredAt("ready", "s", 20, 3), measuredAt("ready", "s", 3, 1), measuredAt("ready", "s", 10, 2),
		measuredAt("idle", "cores", 3, 0.01), measuredAt("idle", "cores", 20, 0.04),
		measuredAt("alone", "s", 3, 1),
		{Name: "no size", Value: 7},
		measuredAt("free", "cores", 3, 0), measuredAt("free", "cores", 10, 1),
	})
	if want := []string{"3 nodes", "10 nodes", "20 nodes"}; !slices.Equal(g.Columns, want) {
		t.Errorf("columns %q, want %q", g.Columns, want)
	}
	for i, want := range [][]string{
		{"ready", "1 s", "2 s", "3 s"},
		{"idle", "0.01 cores", "–", "0.04 cores"},
		{"free", "0 cores", "1 cores", "–"},
	} {
		if row := append([]string{g.Rows[i].Name}, g.Rows[i].Values...); !slices.Equal(row, want) {
			t.Errorf("row %q, want %q", row, want)
		}
	}
	if len(g.Rows) != 3 || len(g.Chart.Lines) != 3 {
		t.Errorf("%d rows, %d lines; want 3: what has one size grows with nothing", len(g.Rows), len(g.Chart.Lines))
	}
	tips := ""
	for _, l := range g.Chart.Lines {
		for _, d := range l.Dots {
			tips += d.Tip + "\n"
		}
	}
	if !strings.Contains(tips, "idle, 20 nodes: 4×") || !strings.Contains(tips, "ready, 10 nodes: 2×") {
		t.Errorf("the plot says\n%s", tips)
	}
	if strings.Contains(tips, "free") || strings.Contains(tips, "NaN") {
		t.Errorf("nothing is a multiple of zero, but the plot says\n%s", tips)
	}
}

func TestAPageWithGrowth(t *testing.T) {
	r := sample(t, "scale")
	r.Figures = append(r.Figures, measuredAt("ready", "s", 3, 1), measuredAt("ready", "s", 20, 3))
	text, _ := render(t, r)
	if !strings.Contains(text, "By the size of the cluster") || !strings.Contains(text, "20 nodes") {
		t.Error("the page has no table by size")
	}
	if text, _ = render(t, sample(t, "steady")); strings.Contains(text, "By the size of the cluster") {
		t.Error("a page of one size has a table by size")
	}
}
