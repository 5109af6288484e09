package presence_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

const page = "../../docs/client-go.md"

var block = regexp.MustCompile("(?ms)^```(go|sh)\n(.*?)^```$")

// blocks are those of a language on the page.
func blocks(t *testing.T, language string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range block.FindAllStringSubmatch(string(text), -1) {
		if b[1] == language {
			all = append(all, b[2])
		}
	}
	return all
}

// shown makes of an example what stands on the page: there the server has its usual address.
var shown = strings.NewReplacer(
	"Server: server", `Server: "http://127.0.0.1:8080"`,
	"testdata/token", "/run/secrets/presence-token",
)

// examples are the bodies of the examples, as they stand on the page.
func examples(t *testing.T) map[string]bool {
	t.Helper()
	const file = "example_test.go"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]bool)
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			body := string(text[files.Position(f.Body.Lbrace).Offset+2 : files.Position(f.Body.Rbrace).Offset])
			body, _, _ = strings.Cut(body, "\t// Output:")
			body = strings.ReplaceAll("\n"+body, "\n\t", "\n")[1:]
			all[shown.Replace(body)] = true
		}
	}
	return all
}

// TestPage: each Go block of the page is a whole program, which TestNewcomer runs, or what an
// example does.
func TestPage(t *testing.T) {
	known, programs := examples(t), 0
	for _, b := range blocks(t, "go") {
		switch {
		case strings.HasPrefix(b, "package main\n"):
			programs++
		case !known[b]:
			t.Errorf("no example does this:\n%s", b)
		}
		delete(known, b)
	}
	if programs != 1 || len(known) > 0 {
		t.Errorf("%d programs; not on the page: %v", programs, known)
	}
}
