package docs_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What keeps a package readable. A tab is one column, as awk and wc have it.
const (
	maxBack           = 10 // percent of the arrows between a package's files
	maxFileLines      = 400
	maxFuncLines      = 60
	maxCodeColumns    = 120
	maxCommentColumns = 100

	mostFuncs     = 99 // percent of all functions have at most:
	mostFuncLines = 30
)

// shape is how far a package is beyond the limits: the percentage of arrows that run up, and how
// many files, functions, lines of code and lines of comment are too long.
type shape struct{ back, files, funcs, code, comments int }

func TestShape(t *testing.T) {
	positions := token.NewFileSet()
	from := compiled(t, positions)
	var lengths []int
	for _, p := range packages(t) {
		t.Run(p.name(), func(t *testing.T) {
			var s shape
			s.draw(t, p.name(), drawn(t, p, positions, from))
			for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
				if !strings.HasSuffix(name, "_test.go") {
					lengths = append(lengths, s.measure(t, filepath.Join(p.Dir, name))...)
				}
			}
			s.check(t, p.name())
		})
	}
	slices.Sort(lengths)
	if at := lengths[len(lengths)*mostFuncs/100]; at > mostFuncLines {
		t.Errorf("one function of a hundred has over %d lines, more than %d", at, mostFuncLines)
	}
}

// draw has the share of a package's arrows that run up, rounded up. A single arrow is let pass: in
// a package of a few files it is much already.
func (s *shape) draw(t *testing.T, name string, g *graph) {
	t.Helper()
	up, all := g.back(g.best()), g.arrows()
	if all == 0 {
		return
	}
	share := (100*len(up) + all - 1) / all
	t.Logf("%s: %d of %d arrows run up, %d %%", name, len(up), all, share)
	for _, arrow := range up {
		slices.Sort(g.names[arrow])
		t.Logf("\t%s > %s for %s", g.files[arrow[0]], g.files[arrow[1]], strings.Join(g.names[arrow], ", "))
	}
	if len(up) > 1 && share > maxBack {
		s.back = share
	}
}

// measure adds a file to its package's shape, and returns the lengths of its functions.
func (s *shape) measure(t *testing.T, path string) (lengths []int) {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, path, src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	line := func(p token.Pos) int { return positions.Position(p).Line }
	if lines := bytes.Count(src, []byte("\n")); lines > maxFileLines {
		s.files++
		t.Logf("%s: %d lines", path, lines)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			lengths = append(lengths, line(f.End())-line(f.Pos())+1)
			n := lengths[len(lengths)-1]
			if n > maxFuncLines {
				s.funcs++
			}
			if n > mostFuncLines {
				t.Logf("%s:%d: %s has %d lines", path, line(f.Pos()), f.Name, n)
			}
		}
	}
	s.columns(t, path, string(src), file, line)
	return lengths
}

// columns counts the lines of a file that are too long. A comment behind code is a part of the
// code's line, and the tag of a field is let pass: it can't be broken.
func (s *shape) columns(t *testing.T, path, src string, file *ast.File, line func(token.Pos) int) {
	t.Helper()
	tags := map[int]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && f.Tag != nil {
			tags[line(f.End())] = true
		}
		return true
	})
	for i, text := range strings.Split(src, "\n") {
		columns := utf8.RuneCountInString(text)
		switch comment := strings.HasPrefix(strings.TrimSpace(text), "//"); {
		case comment && columns > maxCommentColumns:
			s.comments++
		case !comment && columns > maxCodeColumns && !tags[i+1]:
			s.code++
		default:
			continue
		}
		t.Logf("%s:%d: %d columns", path, i+1, columns)
	}
}

// check reports what of a package is beyond a limit.
func (s *shape) check(t *testing.T, name string) {
	t.Helper()
	for _, c := range []struct {
		what string
		is   int
	}{
		{"percent of the arrows between files run up", s.back},
		{"files have over 400 lines", s.files},
		{"functions have over 60 lines", s.funcs},
		{"lines of code have over 120 columns", s.code},
		{"lines of comment have over 100 columns", s.comments},
	} {
		if c.is > 0 {
			t.Errorf("%s: %d %s (go test -v ./docs -run TestShape names each)", name, c.is, c.what)
		}
	}
}
