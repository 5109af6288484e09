package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/scaiwave/presence"

// golist runs go list and gives its lines.
func golist(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %q: %v", args, err)
	}
	return strings.Fields(string(out))
}

// TestWhatIsLinked looks at everything a package brings along, however indirectly; who may import
// whom by name is tested in package docs.
func TestWhatIsLinked(t *testing.T) {
	for _, rule := range []struct {
		root      string
		forbidden []string
		reason    string
	}{
		// fmt brings os, sync and time along, so these can only be forbidden by name.
		{
			module + "/shard",
			[]string{"context", "log", "log/slog", "net", "net/http", "os/exec"},
			"the core is a state machine and has no outside",
		},
		{
			module + "/cluster",
			[]string{"net/http/pprof", module + "/gateway"},
			"the layers below know nothing of clients",
		},
		{module + "/cmd/presence", []string{
			"encoding/xml", "testing", "github.com/HdrHistogram/hdrhistogram-go", "github.com/getkin/kin-openapi",
			"github.com/redis/go-redis",
			"github.com/schollz/progressbar", "go.uber.org/goleak", "gonum.org/v1/plot", "pgregory.net/rapid",
		}, "the server is small; what only tests and the load generator need stays out of it"},
	} {
		for _, dependency := range golist(t, "-deps", rule.root) {
			for _, f := range rule.forbidden {
				if dependency == f || strings.HasPrefix(dependency, f+"/") && strings.Contains(f, ".") {
					t.Errorf("%s links %s: %s", strings.TrimPrefix(rule.root, module+"/"), dependency, rule.reason)
				}
			}
		}
	}
}

// TestEveryPackageHasItsPage: doc.go says what a package is for before anybody reads its code. A
// package of one file is its own page.
func TestEveryPackageHasItsPage(t *testing.T) {
	for _, dir := range golist(t, "-f", "{{if gt (len .GoFiles) 1}}{{.Dir}}{{end}}", module+"/...") {
		text, err := os.ReadFile(filepath.Join(dir, "doc.go"))
		if err != nil || !strings.HasPrefix(string(text), "// ") {
			t.Errorf("%s: no doc.go that says what the package is for (%v)", dir, err)
		}
	}
}
