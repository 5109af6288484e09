package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFlagsAreOnAPage: each flag of the server is found by a search of the pages.
func TestFlagsAreOnAPage(t *testing.T) {
	help, err := os.ReadFile("../cmd/presence/testdata/help-serve.txt")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, page := range pages {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	flags := regexp.MustCompile(`(?m)^ +(?:-., )?--(?:\[no-\])?([a-z0-9-]+)`).FindAllStringSubmatch(string(help), -1)
	if len(flags) < 50 {
		t.Fatalf("only %d flags were found in the help", len(flags))
	}
	for _, f := range flags {
		if f[1] != "help" && !regexp.MustCompile("--"+f[1]+`\b[^-]`).MatchString(all.String()) {
			t.Errorf("--%s is on no page", f[1])
		}
	}
}
