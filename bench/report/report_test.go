package report

import (
	"bytes"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/scaiwave/presence/bench/result"
)

// sample is a result with something of everything; its figures are made up.
func sample(t testing.TB, scenario string) *result.Result {
	t.Helper()
	return &result.Result{
		Version: result.Version, Scenario: scenario, Started: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Seconds: 60,
		Machine: result.Machine{
			CPU: "AMD EPYC", Cores: 2, Kernel: "6.1.0", Go: "go1.26.8", Commit: "0123abc",
			Dirty: true,
		},
		Settings: map[string]string{"participants": "100000", "local": "3"},
		Notes:    []string{"the generator was the limit: <b>its core</b> was busy for 97 % of the time"},
		Phases:   []result.Phase{{Name: "warm-up", End: 8, Warmup: true}, {Name: "steady", Start: 8, End: 60}},
		Faults:   []result.Fault{{At: 22.5, What: "kill -9 n2"}, {At: 41, What: "n2 is started again"}},
		Processes: []result.Process{
			process("n1", result.Server, 0.5, 80<<20), process("n2", result.Server, 0.3, 60<<20),
			process("generator", result.Generator, 0.7, 120<<20),
		},
		Figures: []result.Figure{
			{
				Name: "heartbeats a server CPU-second", Unit: "1/s", Value: 1_834_567, Better: result.Higher,
				Runs: []float64{1.79e6, 1_834_567, 1.88e6}, Comment: "batches of 1,000",
			},
			{
				Name: "heartbeats, ours to Redis", Unit: "", Value: 6.21, Better: result.Higher,
				Target: &result.Target{Op: ">=", Value: 2},
			},
			{Name: "memory of a participant", Unit: "B/participant", Value: 91.4, Better: result.Lower},
			{Name: "memory of a socket", Unit: "B/socket", Value: 10547, Better: result.Lower},
			{
				Name: "lateness of offline, 99 %", Unit: "ms", Value: 312, Better: result.Lower,
				Target: &result.Target{Op: "<", Value: 200},
			},
		},
		Latencies: []result.Latency{
			latency(t, "query of 1,000 ids", 1.1, 400_000),
			latency(t, "heartbeats of <1,000>", 3.2, 9_000),
		},
		Series: []result.Series{
			series("offered", "1/s", func(s float64) float64 { return 50_000 }),
			series("achieved", "1/s",
				func(s float64) float64 { return 50_000 - 21_000*math.Exp(-math.Pow(s-23.5, 2)) }),
			series("query 99 %", "ms", func(s float64) float64 { return 3 + 40*math.Exp(-math.Pow(s-23, 2)) }),
		},
		Counts: result.Counts{
			Offered: 3_000_000, Achieved: 2_999_100, Errors: map[string]int64{"status 503": 900},
			More: map[string]int64{"reconnects": 4100},
		},
		Compared: []result.Comparison{
			{
				Work: "heartbeats", Unit: "1/s", Better: result.Higher, Ours: 1_834_567, Theirs: 295_420,
				Ratio: 1_834_567. / 295_420, Label: "public", Runs: [][2]float64{{1.79e6, 290e3}, {1.88e6, 300e3}},
			},
			{
				Work: "memory of a participant", Unit: "B/participant", Better: result.Lower, Ours: 91.4, Theirs: 168,
				Ratio: 91.4 / 168, Label: "public",
			},
			{
				Work: "deliveries", Unit: "1/s", Better: result.Higher, Ours: 90_000, Theirs: 167_000, Ratio: 90. / 167,
				Label: "public",
			},
			{
				Work: "heartbeats over the peer link", Unit: "1/s", Better: result.Higher, Ours: 4.4e6, Theirs: 295_420,
				Ratio: 4.4e6 / 295_420, Label: "internal",
			},
		},
	}
}

func process(name, kind string, cores float64, rss int64) result.Process {
	p := result.Process{Name: name, Kind: kind, PID: 7, CPU: cores * 52, RSSPeak: rss + 5<<20, RSSEnd: rss}
	rng := rand.New(rand.NewPCG(1, uint64(rss)))
	cpu := 0.0
	for s := range 121 {
		cpu += cores * (0.4 + 0.2*rng.Float64())
		p.Samples = append(p.Samples, result.Sample{At: float64(s) / 2, CPU: cpu, RSS: rss * int64(s+60) / 180})
	}
	return p
}

func series(name, unit string, value func(s float64) float64) result.Series {
	s := result.Series{Name: name, Unit: unit}
	for i := range 120 {
		at := float64(i) / 2
		s.Points = append(s.Points, [2]float64{at, value(at)})
	}
	return s
}

func latency(t testing.TB, name string, ms float64, n int) result.Latency {
	h := result.NewHistogram()
	rng := rand.New(rand.NewPCG(3, 4))
	for range n {
		if err := h.RecordValue(int64(1000 * ms * math.Exp(0.5*rng.NormFloat64()))); err != nil {
			t.Fatal(err)
		}
	}
	l, err := result.NewLatency(name, true, h)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// render writes the page and parses it, as a browser would.
func render(t *testing.T, all ...*result.Result) (text string, tree *html.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := Page(&b, all); err != nil {
		t.Fatal(err)
	}
	tree, err := html.Parse(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), tree
}

// words are the texts of a page, without those of style sheets.
func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data + " "
	}
	if n.Type == html.ElementNode && n.Data == "style" {
		return ""
	}
	var s strings.Builder
	for c := range n.ChildNodes() {
		s.WriteString(words(c))
	}
	return s.String()
}

func TestEverythingIsOnThePage(t *testing.T) {
	r := sample(t, "failover")
	_, tree := render(t, r)
	text := words(tree)
	var want []string
	for _, f := range r.Figures {
		want = append(want, f.Name, quantity(f.Value, f.Unit), f.Comment)
	}
	for _, l := range r.Latencies {
		want = append(want, l.Name, quantity(l.P99, "ms"), quantity(l.Max, "ms"))
	}
	for _, c := range r.Compared {
		want = append(want, c.Work, quantity(c.Ours, c.Unit), quantity(c.Theirs, c.Unit))
	}
	for _, p := range r.Processes {
		want = append(want, p.Name)
	}
	for _, s := range r.Series {
		want = append(want, s.Name)
	}
	want = append(want, r.Notes[0], "kill -9 n2", "warm-up", "AMD EPYC", "0123abc", "not committed", "--participants",
		"100000", "3,000,000", "status 503", "reconnects")
	want = append(want, "6.21 times better", "Redis is 1.86 times better", "1 of 2 targets reached", "not reached",
		"under 200 ms", "at least 2")
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
}

// elements visits all elements of a page.
func elements(n *html.Node, visit func(*html.Node)) {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode {
			visit(c)
		}
	}
}

var address = regexp.MustCompile(`(?i)(https?:)?//[a-z]|url\(|@import`)

func TestThePageLoadsNothing(t *testing.T) {
	text, tree := render(t, sample(t, "failover"), sample(t, "steady"))
	if found := address.FindString(text); found != "" {
		t.Errorf("there is an address in it: %q", found)
	}
	elements(tree, func(n *html.Node) {
		for _, a := range n.Attr {
			if a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "script" || n.Data == "link" || n.Data == "iframe" {
			t.Errorf("there is a <%s>", n.Data)
		}
	})
}

// TestNothingOfAFileIsMarkup puts an element into every text of a result.
func TestNothingOfAFileIsMarkup(t *testing.T) {
	const evil = `"><blink onload='x'>&`
	r := sample(t, "steady"+evil)
	r.Notes = []string{evil}
	r.Machine = result.Machine{CPU: evil, Cores: 1, Kernel: evil, Go: evil, Commit: evil}
	r.Settings = map[string]string{evil: evil}
	r.Faults[0].What, r.Phases[0].Name, r.Processes[0].Name = evil, evil, evil
	r.Figures[0].Name, r.Figures[0].Unit, r.Figures[0].Comment = evil, evil, evil
	r.Latencies[0].Name, r.Series[0].Name, r.Series[0].Unit = evil, evil, evil
	r.Compared[0].Work, r.Compared[0].Unit = evil, evil
	r.Counts.Errors = map[string]int64{evil: 1}
	_, tree := render(t, r, r)
	elements(tree, func(n *html.Node) {
		if n.Data == "blink" {
			t.Fatalf("a text became an element, in <%s>", n.Parent.Data)
		}
	})
	if n := strings.Count(words(tree), evil); n < 20 {
		t.Errorf("the text is there %d times; where is the rest?", n)
	}
}

// TestPlots counts what is drawn.
func TestPlots(t *testing.T) {
	r := sample(t, "failover")
	_, tree := render(t, r)
	found := make(map[string]int)
	elements(tree, func(n *html.Node) {
		for _, a := range n.Attr {
			if a.Key == "class" {
				found[n.Data+"."+strings.Fields(a.Val + " ")[0]]++
			}
			if strings.Contains(a.Val, "NaN") || strings.Contains(a.Val, "Inf") {
				t.Errorf("<%s %s=%.60q>", n.Data, a.Key, a.Val)
			}
		}
	})
	plots := 1 + 2 + 2 // latency; two units over time; CPU and memory
	for what, want := range map[string]int{
		"figure.plot": plots, "path.line": 2 + 3 + 3 + 3, "g.fault": 2 * (plots - 1), "rect.band": plots - 1,
		"svg.bar": 2*len(r.Compared) + 2,
	} {
		if found[what] != want {
			t.Errorf("%d of %s, want %d", found[what], what, want)
		}
	}
}

// TestANodeThatIsStartedAgain: it keeps its color, and its place in the legend.
func TestANodeThatIsStartedAgain(t *testing.T) {
	once, _ := render(t, sample(t, "rolling"))
	r := sample(t, "rolling")
	r.Processes = append(r.Processes, process("n1", result.Server, 0.4, 70<<20))
	again, _ := render(t, r)
	for _, key := range []string{`class="key`, `class="line`} {
		if a, b := strings.Count(once, key), strings.Count(again, key); a != b || a == 0 {
			t.Errorf("%d of %s, and %d once n1 has been started again", a, key, b)
		}
	}
	if len(again) <= len(once) {
		t.Error("its second life isn't drawn")
	}
}

func TestLabelsThatDontFitAreLeftOut(t *testing.T) {
	r := sample(t, "steady")
	r.Phases = []result.Phase{
		{Name: "a phase of a second with a long name", Start: 1, End: 2, Warmup: true},
		{Name: "brief", Start: 3, End: 30, Warmup: true},
	}
	text, _ := render(t, r)
	if drawn := strings.Count(text, `>brief</text>`); drawn == 0 || strings.Contains(text, `a long name</text>`) ||
		!strings.Contains(text, `a long name</title>`) {
		t.Errorf("the label with room is drawn %d times; the other one belongs into the tooltip alone", drawn)
	}
}

func TestLittleIsEnough(t *testing.T) {
	r := &result.Result{
		Version: 1, Scenario: "engine", Started: time.Now(), Seconds: 0.01,
		Machine: result.Machine{Cores: 1}, Figures: []result.Figure{{Name: "x", Value: 0, Unit: "B/x"}},
	}
	text, _ := render(t, r)
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("a division by nothing shows")
	}
	if err := Page(&bytes.Buffer{}, nil); err == nil {
		t.Error("a page about nothing")
	}
}

func TestRunsOfOneScenarioAreSideBySide(t *testing.T) {
	a, b := sample(t, "steady"), sample(t, "steady")
	b.Started = b.Started.Add(time.Hour)
	b.Figures[0].Value = 2_000_000
	_, tree := render(t, a, b, sample(t, "query"))
	text := words(tree)
	if !strings.Contains(text, "steady, run by run") || strings.Contains(text, "query, run by run") {
		t.Error("two runs of steady and one of query: steady alone is compared")
	}
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{
		{1_834_567, "1/s", "1.83 M/s"},
		{295_420, "1/s", "295,420/s"},
		{999.96, "1/s", "1,000/s"},
		{0, "ms", "0 ms"},
		{0.0512, "ms", "51.2 µs"},
		{12.34, "ms", "12.3 ms"},
		{15_000, "ms", "15 s"},
		{900, "s", "15 min"},
		{91.4, "B/participant", "91.4 B/participant"},
		{10547, "B", "10.3 KiB"},
		{3 << 30, "B", "3,072 MiB"},
		{6.213, "", "6.21"},
		{0.012345, "cores", "0.0123 cores"},
		{97.04, "%", "97 %"},
		{-1234, "", "-1,234"},
		{-123, "", "-123"},
		{1.2e9, "", "1.2 billion"},
	} {
		if got := quantity(c.v, c.unit); got != c.want {
			t.Errorf("%v %s is %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestAxes(t *testing.T) {
	x := linear(0, 97, 4, digits)
	if x.to != 100 || len(x.ticks) != 5 && len(x.ticks) != 3 && len(x.ticks) != 6 || x.ticks[0].At != 0 ||
		x.ticks[len(x.ticks)-1].At != 1 {
		t.Errorf("to %v, %v", x.to, x.ticks)
	}
	for _, to := range []float64{5e-324, 1e-300, 1, 1e18, 1.7e308, math.Inf(1)} {
		if x := linear(0, to, 4, full); len(x.ticks) > 6 {
			t.Errorf("%d ticks to %v", len(x.ticks), to)
		}
		if x := linear(-to, to, 4, full); len(x.ticks) > 6 {
			t.Errorf("%d ticks from %v to %v", len(x.ticks), -to, to)
		}
	}
	q := percentiles(100_000)
	if a, b := q.place(0.99)-q.place(0.9), q.place(0.999)-q.place(0.99); math.Abs(a-b) > 1e-9 {
		t.Errorf("from 90 to 99 %% it is %v, from 99 to 99.9 %% %v", a, b)
	}
	l := logarithmic(0.3, 80, digits)
	if l.from != 0.1 || l.to != 100 || math.Abs(l.place(1)-1./3) > 1e-9 {
		t.Errorf("from %v to %v", l.from, l.to)
	}
}

func TestThinKeepsPeaks(t *testing.T) {
	var points [][2]float64
	for i := range 10_000 {
		points = append(points, [2]float64{float64(i), 1})
	}
	points[7123][1], points[1234][1] = 99, -99
	low, high := 0.0, 0.0
	kept := thin(points, 100)
	for i, p := range kept {
		low, high = min(low, p[1]), max(high, p[1])
		if i > 0 && p[0] <= kept[i-1][0] {
			t.Fatalf("%v after %v", p, kept[i-1])
		}
	}
	if low != -99 || high != 99 || len(kept) > 200 {
		t.Errorf("%d points from %v to %v", len(kept), low, high)
	}
}
