package docs_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	goTest = regexp.MustCompile("go test ((?:'[^']*'|[^\\s`'|]+)(?: (?:'[^']*'|[^\\s`'|]+))*)")
	chosen = regexp.MustCompile(`-(run|bench) ('[^']*'|\S+)`)
	folder = regexp.MustCompile(`(?:^| )(\./[\w./-]+)`)
)

// TestFigureCommandsMeasureSomething: what a page gives to measure a figure with names tests and
// benchmarks that are there. Go says ok to a name that fits none.
func TestFigureCommandsMeasureSomething(t *testing.T) {
	found := 0
	for name, page := range pages(t) {
		page = strings.ReplaceAll(page, `\|`, "|")
		for _, m := range goTest.FindAllStringSubmatch(page, -1) {
			where := folder.FindStringSubmatch(m[1])
			if where == nil {
				continue
			}
			for _, c := range chosen.FindAllStringSubmatch(m[1], -1) {
				if pattern := strings.Trim(c[2], "'"); pattern != "xxx" && pattern != "^$" {
					found++
					if !tested(t, where[1], c[1], pattern) {
						t.Errorf("%s: go test %s: %s has nothing for -%s %s", name, m[1], where[1], c[1], pattern)
					}
				}
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d commands were found", found)
	}
}

// ofGo are the flags that Go itself has; what else a command gives is a flag of the tests.
var (
	anyFlag = regexp.MustCompile(` -(\w+)`)
	ofGo    = []string{"run", "bench", "benchtime", "cpu", "v", "parallel", "timeout", "count", "tags"}
)

// TestFigureCommandsRun: each benchmark that a page gives is run once, in a small size, and flags
// of our own are taken. What a command runs beside that, make test runs in a small size anyway.
func TestFigureCommandsRun(t *testing.T) {
	t.Parallel()
	small := map[string]string{} // by what the page says
	for _, page := range pages(t) {
		for _, m := range goTest.FindAllStringSubmatch(strings.ReplaceAll(page, `\|`, "|"), -1) {
			switch {
			case folder.FindString(m[1]) == "":
			case strings.Contains(m[1], " -bench "):
				small[m[0]] = " -short -benchtime=1x"
			case slices.ContainsFunc(anyFlag.FindAllStringSubmatch(m[1], -1), ours):
				small[m[0]] = " -run='^$'"
			}
		}
	}
	if len(small) < 15 {
		t.Errorf("only %d commands were found", len(small))
	}
	for _, command := range slices.Sorted(maps.Keys(small)) {
		run := exec.CommandContext(t.Context(), "sh", "-c", command+small[command])
		run.Dir = root
		out, err := run.CombinedOutput()
		if ran := strings.Contains(string(out), "\nBenchmark"); err != nil ||
			ran != strings.Contains(command, " -bench ") {
			t.Errorf("%s%s: %v\n%s", command, small[command], err, out)
		}
	}
}

func ours(flag []string) bool { return !slices.Contains(ofGo, flag[1]) }

// tested reports whether a package has a test, or a benchmark, that go test would choose by
// pattern.
func tested(t *testing.T, dir, kind, pattern string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, strings.TrimSuffix(dir, "/..."), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(pattern, "/") // what follows is a part of it
	prefix := map[string]string{"run": "Test", "bench": "Benchmark"}[kind]
	fits := regexp.MustCompile(first)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range regexp.MustCompile(`(?m)^func (`+prefix+`\w*)\(`).FindAllStringSubmatch(string(text), -1) {
			if fits.MatchString(f[1]) {
				return true
			}
		}
	}
	return false
}
