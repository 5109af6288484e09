package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLocksOfTheClusterHaveAPage: a lock whose order is written nowhere is taken in any.
func TestLocksOfTheClusterHaveAPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "cluster", "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, p := range packages(t) {
		if layer(p.name()) != "cluster" || p.name() == "cluster/memnet" {
			continue
		}
		for _, file := range p.GoFiles {
			for _, name := range locks(t, filepath.Join(p.Dir, file)) {
				if found++; !strings.Contains(string(page), name) {
					t.Errorf("%s: %s is not on the page of locks in cluster/doc.go", p.name(), name)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("found only %d locks", found)
	}
}

// locks are the mutexes of a file's structs, as Type.field.
func locks(t *testing.T, path string) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, f := range fields.Fields.List {
			kind, ok := f.Type.(*ast.SelectorExpr)
			if !ok || kind.Sel.Name != "Mutex" && kind.Sel.Name != "RWMutex" {
				continue
			}
			for _, name := range f.Names {
				names = append(names, spec.Name.Name+"."+name.Name)
			}
		}
		return false
	})
	return names
}
