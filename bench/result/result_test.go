package result

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// whole is a result with something of everything.
func whole(t *testing.T) *Result {
	t.Helper()
	h := NewHistogram()
	for i := range int64(1000) {
		if err := h.RecordValue(1 + i*10); err != nil {
			t.Fatal(err)
		}
	}
	l, err := NewLatency("query", true, h)
	if err != nil {
		t.Fatal(err)
	}
	return &Result{
		Version: Version, Scenario: "steady", Started: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Seconds: 12.5,
		Machine:  Machine{CPU: "test", Cores: 2, Kernel: "6.1", Go: "go1.26", Commit: "abc"},
		Settings: map[string]string{"participants": "1000"}, Notes: []string{"the generator was the limit"},
		Phases: []Phase{{Name: "warm-up", End: 2, Warmup: true}, {Name: "steady", Start: 2, End: 12}},
		Faults: []Fault{{At: 5, What: "kill n1"}},
		Processes: []Process{{
			Name: "n1", Kind: Server, PID: 7, CPU: 3, RSSPeak: 100, RSSEnd: 90,
			Samples: []Sample{{0, 0, 80}, {1, 0.5, 90}},
		}},
		Figures: []Figure{{
			Name: "heartbeats a server CPU-second", Unit: "1/s", Value: 5, Better: Higher, Runs: []float64{4, 5, 6},
			Target: &Target{">=", 4},
		}},
		Latencies: []Latency{l}, Series: []Series{{Name: "rate", Unit: "1/s", Points: [][2]float64{{0, 1}, {1, 2}}}},
		Counts: Counts{Offered: 10, Achieved: 9, Errors: map[string]int64{"timeout": 1}},
		Compared: []Comparison{{
			Work: "memory", Unit: "B", Better: Lower, Ours: 60, Theirs: 120, Ratio: 0.5,
			Label: "public",
		}},
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	want := whole(t)
	if err := Write(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	raw, _ := os.ReadFile(path)
	if !strings.HasPrefix(string(raw), "{\n \"version\": 1,") {
		t.Errorf("the version must come first: %.40s", raw)
	}
}

func TestHistogramSurvives(t *testing.T) {
	l := whole(t).Latencies[0]
	h, err := l.Histogram()
	if err != nil {
		t.Fatal(err)
	}
	if h.TotalCount() != 1000 || l.Count != 1000 {
		t.Errorf("%d in the histogram, %d counted; want 1000", h.TotalCount(), l.Count)
	}
	if l.P50 < 4.9 || l.P50 > 5.1 || l.Max < 9.9 || l.Max > 10 {
		t.Errorf("p50 %v ms, max %v ms; want about 5 and 9.99", l.P50, l.Max)
	}
}

func TestUnknownVersionIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"version":2,"scenario":"steady"}`:   "unknown version: 2",
		`{"scenario":"steady"}`:               "unknown version: 0",
		`[]`:                                  "not a result",
		`{"version":1,"colour":"red"}`:        `unknown field "colour"`,
		`{"version":1,"scenario":"steady"}`:   "started is missing",
		`{"version":1,"phases":[{"name":""}]`: "not a result",
	} {
		path := filepath.Join(t.TempDir(), "r.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; want %q and the path", text, err, want)
		}
		if unknown := strings.Contains(want, "unknown version"); errors.Is(err, ErrVersion) != unknown {
			t.Errorf("%s: ErrVersion is %v", text, !unknown)
		}
	}
}

func TestValidateSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Result)
		want  string
	}{
		"no scenario":    {func(r *Result) { r.Scenario = "" }, "scenario is empty"},
		"no commit":      {func(r *Result) { r.Machine.Commit = "" }, "commit"},
		"no figure":      {func(r *Result) { r.Figures, r.Compared = nil, nil }, "figures"},
		"twice":          {func(r *Result) { r.Figures = append(r.Figures, r.Figures[0]) }, "twice"},
		"too much":       {func(r *Result) { r.Counts.Achieved = 11 }, "11 achieved of 10"},
		"backwards":      {func(r *Result) { r.Phases[1].End = 1 }, `phase "steady"`},
		"better":         {func(r *Result) { r.Figures[0].Better = "red" }, `better is "red"`},
		"target":         {func(r *Result) { r.Figures[0].Target.Op = "=" }, `op is "="`},
		"size":           {func(r *Result) { r.Figures[0].Size = &Size{Nodes: 3} }, `size: of "", 3 nodes`},
		"kind":           {func(r *Result) { r.Processes[0].Kind = "" }, "kind"},
		"samples":        {func(r *Result) { r.Processes[0].Samples[0].At = 9 }, "order of time"},
		"percentiles":    {func(r *Result) { r.Latencies[0].P90 = 0 }, "do not rise"},
		"histogram":      {func(r *Result) { r.Latencies[0].Encoded = "AAAA" }, "not a histogram"},
		"histogram text": {func(r *Result) { r.Latencies[0].Encoded = "!" }, "not base64"},
		"count":          {func(r *Result) { r.Latencies[0].Count = 1 }, "holds 1000"},
		"too long": {
			func(r *Result) { r.Seconds = 1.7e308 },
			"duration_s is 1.7e+308; must be above 0 and at most ten years",
		},
		"phase": {func(r *Result) { r.Phases[1].End = 1e300 }, `phase "steady"`},
		"fault": {func(r *Result) { r.Faults[0].At = -1e18 }, `fault "kill n1": at_s: -1e+18; must be between`},
		"point": {
			func(r *Result) { r.Series[0].Points[1][1] = 1.7e308 },
			`series "rate": points: 1.7e+308; must be between -1e+18 and 1e+18`,
		},
		"time of point": {func(r *Result) { r.Series[0].Points[1][0] = math.NaN() }, `series "rate": points: NaN`},
		"value":         {func(r *Result) { r.Figures[0].Value = math.Inf(1) }, `server CPU-second": value: +Inf`},
		"run":           {func(r *Result) { r.Figures[0].Runs[1] = 1e19 }, `server CPU-second": runs: 1e+19`},
		"goal":          {func(r *Result) { r.Figures[0].Target.Value = 1e19 }, `server CPU-second": target: 1e+19`},
		"CPU":           {func(r *Result) { r.Processes[0].CPU = 1e300 }, `process "n1": cpu_seconds is 1e+300`},
		"sample":        {func(r *Result) { r.Processes[0].Samples[1].CPU = 1e300 }, `process "n1": samples: 1e+300`},
		"longest":       {func(r *Result) { r.Latencies[0].Max = 1e300 }, `latency "query": percentiles: 1e+300`},
		"compared":      {func(r *Result) { r.Compared[0].Ours = 1e300 }, `comparison "memory": values: 1e+300`},
		"rounds": {
			func(r *Result) { r.Compared[0].Runs = [][2]float64{{1, 1e300}} },
			`comparison "memory": runs: 1e+300`,
		},
		"label": {func(r *Result) { r.Compared[0].Label = "" }, "label"},
		"ratio": {func(r *Result) { r.Compared[0].Ratio = 2 }, "ratio"},
	} {
		r := whole(t)
		c.spoil(r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
		if err := Write(filepath.Join(t.TempDir(), "r.json"), r); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
	if err := whole(t).Validate(); err != nil {
		t.Error(err)
	}
}

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		op          string
		below, same bool
	}{{"<", true, false}, {"<=", true, true}, {">=", false, true}, {">", false, false}} {
		target := Target{c.op, 5}
		if target.Met(4) != c.below || target.Met(5) != c.same || target.Met(6) == c.below {
			t.Errorf("%s 5: 4 %v, 5 %v, 6 %v", c.op, target.Met(4), target.Met(5), target.Met(6))
		}
	}
}

func TestMedian(t *testing.T) {
	if a, b := Median([]float64{9, 1, 5}), Median([]float64{4, 1, 9, 2}); a != 5 || b != 3 {
		t.Errorf("%v and %v; want 5 and 3", a, b)
	}
}
