package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	goTest = regexp.MustCompile("go test ((?:\\./\\S+|-\\S+|'[^']*'|[^\\s`'|]+)(?: (?:\\./\\S+|-\\S+|'[^']*'|[^\\s`'|]+))*)")
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
