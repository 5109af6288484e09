package pasted

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../../.."

// played are the pages whose blocks are run here, each a story of its own.
var played = []string{"README.md", "docs/tutorial.md", "docs/operations.md"}

// told are pages whose blocks other tests run; each must say which one does.
var told = []string{"docs/client.md", "docs/client-go.md", "docs/proxies.md"}

// part is a block of a page, or a comment that is for the test.
type part struct {
	kind string // the language of a block; of a comment what stands before its colon
	text string
	line int
}

var parts = regexp.MustCompile("(?ms)" +
	"^<!-- (terminal|machine|press|not run|run by): ([^\n]*?) -->$|^```([a-z]*)\n(.*?)^```$")

// read gives the parts of a page, in their order; none if there is no such page.
func read(t *testing.T, page string) (all []part) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, at := range parts.FindAllSubmatchIndex(text, -1) {
		group := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return string(text[at[2*n]:at[2*n+1]])
		}
		all = append(all, part{group(1) + group(3), group(2) + group(4), 1 + strings.Count(string(text[:at[0]]), "\n")})
	}
	return all
}

// mark is the comment that exempts the block at place i, or nothing.
func mark(all []part, i int) part {
	if i > 0 && (all[i-1].kind == "not run" || all[i-1].kind == "run by") {
		return all[i-1]
	}
	return part{}
}

// TestEveryBlockIsRun: a command block is run here, or says by what else, or why it isn't.
func TestEveryBlockIsRun(t *testing.T) {
	blocks := 0
	for _, page := range append(told, played...) {
		all := read(t, page)
		for i, p := range all {
			if p.kind != "sh" {
				continue
			}
			blocks++
			if fault := unrun(page, mark(all, i)); fault != "" {
				t.Errorf("%s:%d: %s", page, p.line, fault)
			}
		}
	}
	if blocks < 20 {
		t.Errorf("only %d command blocks were found", blocks)
	}
}

// unrun says what is wrong with the mark of a block, if something is.
func unrun(page string, m part) string {
	switch m.kind {
	case "not run":
		if len(strings.Fields(m.text)) < 3 {
			return "<!-- not run: … --> needs a reason"
		}
	case "run by":
		if _, err := os.Stat(filepath.Join(root, m.text)); err != nil {
			return "is run by a test that isn't there: " + err.Error()
		}
	default:
		for _, other := range told {
			if page == other {
				return "is run by no test: put <!-- run by: file --> before it, or <!-- not run: reason -->"
			}
		}
	}
	return ""
}
