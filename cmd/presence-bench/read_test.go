package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scaiwave/presence/bench/result"
)

// measuredHere is a result that was really measured; see bench/report/testdata.
const measuredHere = "../../bench/report/testdata/compare-redis.json"

func call(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, &o, &e)
	return o.String(), e.String(), code
}

func TestReportWritesAPage(t *testing.T) {
	page := filepath.Join(t.TempDir(), "r.html")
	if _, errs, code := call(t, "report", measuredHere, measuredHere, "--out="+page); code != 0 {
		t.Fatal(errs)
	}
	if text, _ := os.ReadFile(page); !bytes.Contains(text, []byte("ids fetched")) ||
		!bytes.HasSuffix(text, []byte("</html>\n")) {
		t.Errorf("%d bytes that are no page", len(text))
	}
	if _, errs, code := call(t, "report", "missing.json"); code == 0 || !strings.Contains(errs, "missing.json") {
		t.Errorf("status %d: %s", code, errs)
	}
}

func TestFilesThatAreNoResults(t *testing.T) {
	good, err := os.ReadFile(measuredHere)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                         "not a result of presence-bench",
		string(good[:len(good)/2]): "not a result of presence-bench",
		"null":                     "of another presence-bench, or no result",
		`{"version":7,"new":[{}]}`: "unknown version: 7",
	} {
		path := write(t, "r.json", []byte(text))
		for _, args := range [][]string{
			{"report", path, "--out=" + filepath.Join(t.TempDir(), "r.html")},
			{"diff", measuredHere, path},
			{"plan", "--from=" + path, "--participants=1000"},
		} {
			if _, errs, code := call(t, args...); code != 1 || !strings.Contains(errs, path) ||
				!strings.Contains(errs, want) {
				t.Errorf("%s of %.20q: status %d: %s; want 1 and %q", args[0], text, code, errs, want)
			}
		}
	}
}

func TestDiffFailsWhereSomethingIsWorse(t *testing.T) {
	if out, errs, code := call(t, "diff", measuredHere, measuredHere); code != 0 || !strings.Contains(out, "same") {
		t.Errorf("a result differs from itself: %s%s", out, errs)
	}
	r, err := result.Read(measuredHere)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Figures {
		if r.Figures[i].Better == result.Lower {
			r.Figures[i].Value *= 1.5
		}
	}
	worse := filepath.Join(t.TempDir(), "worse.json")
	if err := result.Write(worse, r); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := call(t, "diff", measuredHere, worse); code != 1 || !strings.Contains(out, "WORSE") ||
		!strings.Contains(errs, "worse by more than --tolerance=0.1") {
		t.Errorf("status %d: %s%s", code, out, errs)
	}
	if _, errs, code := call(t, "diff", measuredHere, worse, "--tolerance=0.6"); code != 0 {
		t.Errorf("status %d: %s", code, errs)
	}
	if _, errs, code := call(t, "diff", measuredHere, worse, "--tolerance=-1"); code != 2 ||
		!strings.Contains(errs, "0 to 10") {
		t.Errorf("status %d: %s", code, errs)
	}
}

func TestPlanNamesABottleneck(t *testing.T) {
	out, errs, code := call(t, "plan", "--from="+measuredHere, "--participants=2000000", "--devices=1.5", "--watch=50",
		"--nodes=3")
	if code != 0 || !strings.Contains(out, "The first bottleneck is sockets") {
		t.Errorf("status %d: %s%s", code, out, errs)
	}
	if _, errs, code := call(t, "plan", "--from="+measuredHere, "--participants=0"); code != 2 ||
		!strings.Contains(errs, "--participants is 0") {
		t.Errorf("status %d: %s", code, errs)
	}
}

// TestPlanNeedsNoRun: presence-bench comes with constants, and refuses those of too small a run.
func TestPlanNeedsNoRun(t *testing.T) {
	out, errs, code := call(t, "plan", "--participants=2000000")
	if code != 0 || !strings.Contains(out, "The first bottleneck is sockets") ||
		!strings.HasPrefix(out, "constants: presence-bench compare redis on 25 November 2026") {
		t.Errorf("status %d: %s%s", code, out, errs)
	}
	r, err := result.Read(measuredHere)
	if err != nil {
		t.Fatal(err)
	}
	r.Settings["participants"] = "2000"
	small := filepath.Join(t.TempDir(), "small.json")
	if err := result.Write(small, r); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := call(t, "plan", "--participants=2000000", "--from="+small); code != 1 || out != "" ||
		!strings.Contains(errs, small) || !strings.Contains(errs, "--participants=2000") ||
		!strings.Contains(errs, "at least 100000") {
		t.Errorf("status %d: %s%s", code, out, errs)
	}
}

// TestResultsGoIntoAFolder: a run leaves nothing in the working directory but one folder.
func TestResultsGoIntoAFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	out, errs, code := call(t, "engine", "--participants=1000", "--duration=1s")
	if code != 0 || !strings.Contains(out, "written to bench-results/engine.json") ||
		!strings.HasPrefix(out, "Measured; ") {
		t.Fatalf("status %d: %s%s", code, out, errs)
	}
	if out, errs, code := call(t, "report", "bench-results/engine.json"); code != 0 ||
		!strings.Contains(out, "written to bench-results/report.html") {
		t.Errorf("status %d: %s%s", code, out, errs)
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 1 || entries[0].Name() != folder {
		t.Errorf("%v, %v; want %s alone", entries, err, folder)
	}
}

func TestComparisonsRefuseNonsense(t *testing.T) {
	for _, with := range []string{"redis", "centrifugo"} {
		if _, errs, code := call(t, "compare", with, "--rounds=0"); code != 2 ||
			!strings.Contains(errs, "--rounds is 0; it must be 1 to 100") {
			t.Errorf("%s: status %d: %s", with, code, errs)
		}
	}
	if _, errs, code := call(t, "compare", "centrifugo", "--centrifugo=/nowhere"); code != 1 ||
		!strings.Contains(errs, "or name the program with --centrifugo=PATH") {
		t.Errorf("status %d: %s", code, errs)
	}
}
