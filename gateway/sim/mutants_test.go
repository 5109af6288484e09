//go:build mutants

package sim

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

var only = flag.String("only", "", "a part of the names of the bugs to try")

// ways are how a bug is looked for, the cheap ones first.
var ways = [][]string{
	{"-run", "TestStories|TestFound|TestAnswersAreForgotten|TestNewerFactsStay", "-turns", "3"},
	{"-run", "TestOneEventAChange|TestEndsToTheTick|TestChurn"},
	{"-run", "TestHalfBroken", "-seeds", "8"},
	{"-run", "TestWorld", "-seeds", "30"},
}

// TestMutants gives each bug to a copy of the module, as many at once as -parallel says, and counts
// those that the other tests here don't notice.
func TestMutants(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var table []string
	unnoticed := 0
	t.Run("each", func(t *testing.T) {
		for _, m := range mutants {
			if !strings.Contains(m.name, *only) {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				dir := clone(t, root)
				m.plant(t, dir)
				by, said := look(t, dir)
				t.Logf("%s: %s", cmp.Or(by, "nothing"), said) // at once; the table comes after hours
				mu.Lock()
				defer mu.Unlock()
				table = append(table, fmt.Sprintf("| %s | %s | %s |", m.name, by, said))
				if by == "" {
					unnoticed++
				}
			})
		}
	})
	slices.Sort(table)
	t.Logf("%d of %d were noticed\n%s", len(table)-unnoticed, len(table), strings.Join(table, "\n"))
	if 20*unnoticed > len(table) {
		t.Errorf("%d of %d were not noticed", unnoticed, len(table))
	}
}

func clone(t *testing.T, root string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "module")
	if out, err := exec.Command("git", "clone", "-q", root, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// plant puts the bug into a copy of the module.
func (m mutant) plant(t *testing.T, dir string) {
	t.Helper()
	whole := m.source(t, dir)
	planted := strings.Replace(whole, m.text, m.instead, 1)
	if err := os.WriteFile(filepath.Join(dir, m.file), []byte(planted), 0o600); err != nil {
		t.Fatal(err)
	}
}

var (
	failure = regexp.MustCompile(`(?m)^\s+\S+\.go:\d+: (seed \d+: .*|\S+ at n\d: it is .*|memory grows.*|after crowd.*)$`)
	which   = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
)

// look runs the tests in a copy of the module until one fails, and gives its name, and what it
// said.
func look(t *testing.T, dir string) (by, said string) {
	t.Helper()
	for _, way := range ways {
		c := exec.Command("go", append([]string{"test", "-count=1", "-failfast", "-timeout", "30m", "./gateway/sim"},
			way...)...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err == nil {
			continue
		}
		found, names := failure.FindSubmatch(out), which.FindAllSubmatch(out, -1)
		if found == nil || names == nil {
			t.Fatalf("%v: %s", err, out) // it panicked, leaked, or was not built
		}
		return string(names[len(names)-1][1]), string(found[1])
	}
	return "", "not noticed"
}
