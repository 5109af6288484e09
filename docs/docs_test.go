package docs_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const root = ".."

// pages are the Markdown files of the project, by their path below root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		found[strings.TrimPrefix(path, root+"/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 5 {
		t.Fatalf("found only %d pages", len(found))
	}
	return found
}

var (
	fence   = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"`)
	flag    = regexp.MustCompile(`(?:^|[\s"(\x60])--([a-z][a-z0-9-]*)`)
	target  = regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)(?:`| +#)")
)

// prose is a page without its code blocks.
func prose(page string) string { return fence.ReplaceAllString(page, "") }

func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	for name, page := range all {
		for _, m := range link.FindAllStringSubmatch(prose(page), -1) {
			to := m[1] + m[2]
			if strings.Contains(to, "://") {
				continue
			}
			if err := checkLink(all, name, to); err != nil {
				t.Errorf("%s: link to %s: %v", name, to, err)
			}
		}
	}
}

func checkLink(all map[string]string, from, to string) error {
	file, anchor, _ := strings.Cut(to, "#")
	path := from
	if file != "" {
		path = filepath.Join(filepath.Dir(from), file)
	}
	if _, err := os.Stat(filepath.Join(root, path)); err != nil {
		return err
	}
	if anchor != "" && !slices.Contains(anchors(all[path]), anchor) {
		return errors.New("there is no such heading")
	}
	return nil
}

// anchors are the names that a page's headings get where it is shown.
func anchors(page string) (names []string) {
	for _, m := range heading.FindAllStringSubmatch(prose(page), -1) {
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, m[1]))
	}
	return names
}

var (
	sourceFile = regexp.MustCompile("`([a-z]+/[a-z0-9_/-]+\\.[a-z]+)`")
	testName   = regexp.MustCompile("`(Test[A-Z]\\w+)`")
)

// TestTheWayInExists: what architecture.md sends a reader to is there.
func TestTheWayInExists(t *testing.T) {
	page, tests := pages(t)["docs/architecture.md"], testsOfAll(t)
	files := sourceFile.FindAllStringSubmatch(page, -1)
	names := testName.FindAllStringSubmatch(page, -1)
	if len(files) < 20 || len(names) < 10 {
		t.Errorf("found only %d files and %d tests", len(files), len(names))
	}
	for _, m := range files {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Error(err)
		}
	}
	for _, m := range names {
		if !strings.Contains(tests, "func "+m[1]+"(") {
			t.Errorf("there is no test %s", m[1])
		}
	}
}

// testsOfAll is the text of all test files.
func testsOfAll(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, p := range packages(t) {
		files, err := filepath.Glob(filepath.Join(p.Dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()
}

func TestFlagsExist(t *testing.T) {
	known := flagsOfTheCommand(t)
	for name, page := range pages(t) {
		for i, line := range strings.Split(page, "\n") {
			if otherTool.MatchString(line) {
				continue
			}
			for _, m := range flag.FindAllStringSubmatch(line, -1) {
				if !known[m[1]] {
					t.Errorf("%s:%d: presence has no --%s", name, i+1, m[1])
				}
			}
		}
	}
}

// otherTool finds lines that show other programs' flags.
var otherTool = regexp.MustCompile(`\b(curl|git|docker|node|go (test|tool|build)|kubectl|apt-get) `)

// flagsOfTheCommand asks the real command for its help.
func flagsOfTheCommand(t *testing.T) map[string]bool {
	t.Helper()
	binary := command(t)
	known := map[string]bool{}
	for _, command := range []string{
		"presence serve", "presence get", "presence watch", "presence set", "presence status", "presence beat",
		"presence health", "presence version",
		"presence-bench steady", "presence-bench herd", "presence-bench rush", "presence-bench fanout",
		"presence-bench query",
		"presence-bench churn",
		"presence-bench expiry", "presence-bench failover", "presence-bench capacity", "presence-bench engine",
		"presence-bench link", "presence-bench scale", "presence-bench sockets",
		"presence-bench compare redis", "presence-bench compare centrifugo", "presence-bench report",
		"presence-bench diff", "presence-bench plan",
	} {
		words := strings.Fields(command + " -h")
		out, err := exec.Command(filepath.Join(filepath.Dir(binary), words[0]), words[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s -h: %v\n%s", command, err, out)
		}
		for _, as := range []string{"--", "--no-"} {
			for _, m := range flag.FindAllStringSubmatch(strings.ReplaceAll(string(out), "--[no-]", as), -1) {
				known[m[1]] = true
			}
		}
	}
	if !known["listen"] || !known["token"] {
		t.Fatalf("the help was not understood: %v", known)
	}
	return known
}

func TestMakeTargetsExist(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range pages(t) {
		for _, m := range target.FindAllStringSubmatch(page, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(makefile) {
				t.Errorf("%s: there is no `make %s`", name, m[1])
			}
		}
	}
}

func TestJSONBlocksAreJSON(t *testing.T) {
	for name, page := range pages(t) {
		for _, m := range fence.FindAllStringSubmatch(page, -1) {
			if m[1] == "json" && !json.Valid([]byte(m[2])) {
				t.Errorf("%s: not JSON:\n%s", name, m[2])
			}
		}
	}
}
