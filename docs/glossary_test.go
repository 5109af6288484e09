package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestLogKeysAreInTheGlossary: what a program may look for in the log is a closed list of words,
// each with one meaning.
func TestLogKeysAreInTheGlossary(t *testing.T) {
	listed, used := glossary(t), logKeys(t)
	for _, key := range slices.Sorted(maps.Keys(used)) {
		if !listed[key] {
			t.Errorf("%s: the log key %q is not in the glossary of docs/operations.md; use one that is, or add it",
				used[key], key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(listed)) {
		if used[key] == "" {
			t.Errorf("docs/operations.md: the glossary has %q, which nothing logs", key)
		}
	}
}

const glossaryHeading = "### Keys of the log"

var quoted = regexp.MustCompile("`([^`]+)`")

// glossary are the keys in the first column of the table below its heading.
func glossary(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), glossaryHeading+"\n")
	if !ok {
		t.Fatalf("docs/operations.md has no %q", glossaryHeading)
	}
	section, _, _ = strings.Cut(section, "\n#")
	listed := map[string]bool{}
	for line := range strings.Lines(section) {
		column, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(column, -1) {
			if listed[m[1]] {
				t.Errorf("docs/operations.md: the glossary has %q twice", m[1])
			}
			listed[m[1]] = true
		}
	}
	return listed
}

// logKeys are the keys that the programs log, each with a place where. Those of bench have no log.
func logKeys(t *testing.T) map[string]string {
	t.Helper()
	s := &keyScan{t: t, files: token.NewFileSet(), found: map[string]string{}, passes: map[string]int{}}
	for _, dir := range []string{"cmd/presence", "gateway", "cluster", "shard"} {
		s.parse(filepath.Join(root, dir))
	}
	for range 2 { // the first finds functions that pass their arguments on, the second who calls them
		for _, p := range s.parsed {
			s.scan(p)
		}
	}
	if len(s.found) < 20 {
		t.Fatalf("found only %d keys: %v", len(s.found), s.found)
	}
	return s.found
}

// keyScan walks through source.
type keyScan struct {
	t      *testing.T
	files  *token.FileSet
	parsed []source
	found  map[string]string // key: where
	passes map[string]int    // directory and name of functions that pass what follows so many arguments on to the log
}

type source struct {
	dir string
	*ast.File
}

func (s *keyScan) parse(dir string) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(s.files, path, nil, parser.SkipObjectResolution)
		s.parsed = append(s.parsed, source{filepath.Dir(path), f})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *keyScan) scan(p source) {
	for _, d := range p.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				s.call(p.dir, f, call)
			}
			return true
		})
	}
}

// firstKey is how many arguments of slog's functions come before the keys.
var firstKey = map[string]int{
	"Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "Log": 3, "With": 0,
	"DebugContext": 2, "InfoContext": 2, "WarnContext": 2, "ErrorContext": 2,
}

// attrs are slog's functions whose only key comes first.
var attrs = []string{"Any", "Bool", "Duration", "Float64", "Int", "Int64", "String", "Time", "Uint64"}

func (s *keyScan) call(dir string, in *ast.FuncDecl, call *ast.CallExpr) {
	to, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	name, receiver := to.Sel.Name, lastName(to.X)
	if receiver == "slog" && slices.Contains(attrs, name) {
		s.key(call.Args[0])
		return
	}
	first, ok := firstKey[name]
	if !ok || !slices.Contains([]string{"log", "Logger", "slog"}, receiver) {
		if first, ok = s.passes[dir+"."+name]; !ok {
			return
		}
	}
	s.keys(dir, in, call, first)
}

// keys takes every other argument of a call.
func (s *keyScan) keys(dir string, in *ast.FuncDecl, call *ast.CallExpr, first int) {
	args := call.Args
	if call.Ellipsis.IsValid() {
		last := args[len(args)-1]
		if appended, ok := last.(*ast.CallExpr); ok && lastName(appended.Fun) == "append" {
			s.every(appended.Args[1:])
		}
		s.passes[dir+"."+in.Name.Name] = in.Type.Params.NumFields() - 1
		args = args[:len(args)-1]
	}
	if len(args) > first {
		s.every(args[first:])
	}
}

func (s *keyScan) every(args []ast.Expr) {
	for i := 0; i < len(args); i += 2 {
		s.key(args[i])
	}
}

// dynamic are keys that stand in a constant; see causes in cmd/presence.
var dynamic = map[string][]string{"says": {"repeated", "others"}}

func (s *keyScan) key(e ast.Expr) {
	where := s.files.Position(e.Pos()).String()
	if _, ok := e.(*ast.CallExpr); ok {
		return // an attribute by itself, which is looked at on its own
	}
	for _, key := range dynamic[lastName(e)] {
		s.found[key] = where
	}
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		if dynamic[lastName(e)] == nil {
			s.t.Errorf("%s: a log key must be a word that is written there", where)
		}
		return
	}
	key, _ := strconv.Unquote(lit.Value)
	s.found[key] = where
}

// lastName is the last word of a chain such as n.config.Logger.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr: // log.With(…).Info(…)
		if lastName(e.Fun) == "With" {
			return "log"
		}
	}
	return ""
}
