package report

import (
	"strings"
	"testing"

	"github.com/scaiwave/presence/bench/result"
)

// verdictOf finds a row.
func verdictOf(t *testing.T, d *Differences, name string) Verdict {
	t.Helper()
	for _, x := range d.Rows {
		if x.Name == name {
			return x.Verdict
		}
	}
	t.Fatalf("no row %q", name)
	return ""
}

func TestDiffJudgesByBetter(t *testing.T) {
	a, b := sample(t, "steady"), sample(t, "steady")
	b.Figures[0].Value *= 0.8 // heartbeats: higher is better
	b.Figures[2].Value *= 0.8 // memory: lower is better
	b.Figures[3].Value *= 1.05
	b.Compared[2].Ours *= 2
	b.Latencies[0].P99 *= 1.5
	b.Counts.FalseOffline = 1
	d := Diff(a, b, 0.1)
	for name, want := range map[string]Verdict{
		a.Figures[0].Name: Worse, a.Figures[2].Name: Good, a.Figures[3].Name: Same, "deliveries (ours)": Good,
		a.Latencies[0].Name + ", 99 %": Worse, a.Latencies[0].Name + ", 50 %": Same,
		"count: shown offline without being so": Worse, "count: errors": Same,
	} {
		if got := verdictOf(t, d, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if d.Regressions() != 3 || len(d.Missing) > 0 {
		t.Errorf("%d regressions, missing %v; want 3 and none", d.Regressions(), d.Missing)
	}
	if n := Diff(a, b, 0.6).Regressions(); n != 1 {
		t.Errorf("%d regressions by more than 60 %%; from no false offline to one is always one", n)
	}
	b.Figures[0].Better, a.Figures[0].Better = result.Neither, result.Neither
	if got := verdictOf(t, Diff(a, b, 0.1), a.Figures[0].Name); got != Differs {
		t.Errorf("a figure that can't be better is %s", got)
	}
}

func TestDiffSaysWhatElseDiffers(t *testing.T) {
	a, b := sample(t, "steady"), sample(t, "query")
	a.Notes, b.Notes = nil, []string{"the generator was the limit"}
	b.Machine.CPU, b.Machine.Cores = "other", 8
	b.Settings = map[string]string{"participants": "5", "local": "3", "more": "x"}
	b.Figures[0].Name = "new"
	var text strings.Builder
	if _, err := Diff(a, b, 0.1).WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`scenario differs: "steady" before, "query" after`, `CPU differs: "AMD EPYC" before, "other"`, "cores differs",
		"--participants differs",
		"--more differs", "after: the generator was the limit", "only before: " + a.Figures[0].Name, "only after: new",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "--local") || strings.Contains(text.String(), "kernel") {
		t.Errorf("it complains of what is the same:\n%s", text.String())
	}
}

// TestDiffMissesWhatIsNeeded: a figure with a target that is no longer measured is as bad as one
// that misses it.
func TestDiffMissesWhatIsNeeded(t *testing.T) {
	a, b := sample(t, "steady"), sample(t, "steady")
	b.Figures = b.Figures[2:]     // one without a target, and one with
	b.Latencies = b.Latencies[:1] // three percentiles less
	d := Diff(a, b, 0.1)
	missing := strings.Join(d.Missing, "\n")
	for _, want := range []string{
		"only before: " + a.Figures[0].Name, "missing now: " + a.Figures[1].Name,
		"missing now: " + a.Latencies[1].Name + ", 99 %",
	} {
		if !strings.Contains(missing, want) {
			t.Errorf("it does not say %q:\n%s", want, missing)
		}
	}
	if n := d.Regressions(); n != 4 {
		t.Errorf("%d regressions; want 4", n)
	}
	if n := Diff(b, a, 0.1).Regressions(); n != 0 {
		t.Errorf("%d regressions by what is new; want none", n)
	}
}

// TestDiffPrintsNoControlCharacters: a file from elsewhere could clear the terminal, or overwrite
// what is on it.
func TestDiffPrintsNoControlCharacters(t *testing.T) {
	const evil = "\x1b[2J\r\t\u009b\u202e\n"
	a, b := sample(t, "steady"), sample(t, evil)
	a.Figures[0].Name, a.Figures[0].Unit = "both"+evil, evil
	b.Figures[0] = a.Figures[0]
	a.Figures[1].Name, b.Figures[1].Name = "before"+evil, "after"+evil
	b.Notes, b.Settings = []string{evil}, map[string]string{evil: evil}
	var text strings.Builder
	if _, err := Diff(a, b, 0.1).WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text.String(), "\x1b\r\t\u009b\u202e") {
		t.Errorf("%q", text.String())
	}
	if want := `both\x1b[2J\r\t\u009b\u202e\n`; !strings.Contains(text.String(), want) {
		t.Errorf("no %s in\n%s", want, text.String())
	}
}
