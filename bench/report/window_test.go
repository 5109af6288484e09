package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/scaiwave/presence/bench/result"
)

// built is a run of which most went by before anything was measured.
func built(t *testing.T) *result.Result {
	r := sample(t, "steady")
	r.Phases = []result.Phase{
		{Name: "local nodes start", End: 40, Warmup: true},
		{Name: "people arrive", Start: 40, End: 44, Warmup: true},
		{Name: "warm-up", Start: 44, End: 47, Warmup: true},
		{Name: "steady", Start: 47, End: 56},
	}
	r.Faults = []result.Fault{{At: 50.5, What: "kill -9 n2"}}
	return r
}

// TestTheAxisBeginsWithTheLoad: time counts from where the measuring begins, and what went before
// the warm-up isn't shown.
func TestTheAxisBeginsWithTheLoad(t *testing.T) {
	r := built(t)
	if got, want := windowOf(r), (window{from: 44, zero: 47, to: 56}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	x := during(windowOf(r))
	var labels []string
	for _, tick := range x.ticks {
		labels = append(labels, tick.Label)
		if tick.At < 0 || tick.At > 1 {
			t.Errorf("%s is at %v", tick.Label, tick.At)
		}
	}
	if !slices.Contains(labels, "0 s") || !slices.Contains(labels, "8 s") || slices.Contains(labels, "50 s") {
		t.Errorf("labels %q", labels)
	}
	if got := x.place(47); got != 0.25 {
		t.Errorf("the measuring begins at %v of the axis, want a quarter", got)
	}
	text, _ := render(t, r)
	for _, want := range []string{"9 s measured of 60 s", "at 3.5 s"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(text, "people arrive") {
		t.Error("a phase is drawn that is not shown")
	}
	r.Phases = []result.Phase{{Name: "all", End: 60, Warmup: true}}
	if got, want := windowOf(r), (window{to: 60}); got != want {
		t.Errorf("nothing measured: %+v, want %+v", got, want)
	}
}

// TestNoLineWhereNothingWasMeasured: seconds without an answer are a hole, and a lone one is a dot.
func TestNoLineWhereNothingWasMeasured(t *testing.T) {
	at := func(seconds ...float64) (points [][2]float64) {
		for _, s := range seconds {
			points = append(points, [2]float64{s, 1})
		}
		return points
	}
	parts := unbroken(at(1, 2, 3.1, 4, 9, 14, 15.2, 16))
	var sizes []int
	for _, p := range parts {
		sizes = append(sizes, len(p))
	}
	if !slices.Equal(sizes, []int{4, 1, 3}) {
		t.Errorf("parts of %v, want 4, 1, 3", sizes)
	}
	x, y := linear(0, 20, 4, digits), linear(0, 2, 2, digits)
	c := newChart("t", 100, &x, &y)
	for _, p := range parts {
		c.add("a", p, &x, &y)
	}
	path := c.Lines[0].Path
	if len(c.Lines) != 1 || strings.Count(path, "M") != 3 || strings.Count(path, "L") != 3+2 ||
		strings.Count(path, "h0") != 1 {
		t.Errorf("%d lines, %s", len(c.Lines), path)
	}
}

// TestSentence: a page begins with how the run ended.
func TestSentence(t *testing.T) {
	r := sample(t, "failover")
	text, _ := render(t, r)
	want := "Not as it should be, 1 of 2 targets missed: lateness of offline, 99 % is 312 ms and should be under 200 " +
		"ms, and 900 of 3,000,000 requests failed; read the notes first."
	if got := Sentence(r); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if sentence, figures := strings.Index(text, "1 of 2 targets missed"), strings.Index(text, "<h3>"); sentence < 0 ||
		sentence > figures {
		t.Errorf("the page says it at %d, its first heading is at %d", sentence, figures)
	}
	r.Figures[4].Value, r.Notes, r.Counts.Errors = 100, nil, nil
	if got, want := Sentence(r), "As it should be: all 2 targets were reached."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	r.Figures = r.Figures[2:4]
	if got, want := Sentence(r), "Measured; nothing here has a target."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
