package docs_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compiled imports packages from what the compiler left of them: types, without their source.
func compiled(t *testing.T, files *token.FileSet) types.Importer {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Export", module+"/...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	export := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		export[p.ImportPath] = p.Export
	}
	return importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(export[path]) })
}

// drawn is the graph of a package. An arrow leads from file to file where one uses what the other
// declares: a method, or a name outside functions. Fields don't count, their type does.
func drawn(t *testing.T, p goPackage, files *token.FileSet, from types.Importer) *graph {
	t.Helper()
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	if _, err := (&types.Config{Importer: from}).Check(p.ImportPath, files, parsed, &info); err != nil {
		t.Fatal(err)
	}
	g, at := newGraph(p.GoFiles), map[string]int{}
	for i, name := range p.GoFiles {
		at[filepath.Join(p.Dir, name)] = i
	}
	for ident, object := range info.Uses {
		if !shared(object, p.ImportPath) {
			continue
		}
		if a, b := at[files.Position(ident.Pos()).Filename], at[files.Position(object.Pos()).Filename]; a != b {
			g.uses[a][b] = true
			if arrow := [2]int{a, b}; !slices.Contains(g.names[arrow], object.Name()) {
				g.names[arrow] = append(g.names[arrow], object.Name())
			}
		}
	}
	return g
}

// shared reports whether files of the package at path share an object: a method, or a name that is
// declared outside functions.
func shared(object types.Object, path string) bool {
	if object.Pkg() == nil || object.Pkg().Path() != path {
		return false
	}
	if f, ok := object.(*types.Func); ok && f.Signature().Recv() != nil {
		return true
	}
	return object.Parent() == object.Pkg().Scope()
}
