package runtimes

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReact checks a page's types and renders it, with each version of React that the package
// takes.
func TestReact(t *testing.T) {
	if !full() {
		t.Skip("client/test has the React that is installed; the other one: make tools")
	}
	for _, version := range []string{"react18", "react19"} {
		t.Run(version, func(t *testing.T) { render(t, ready(t, version)) })
	}
}

func render(t *testing.T, dir string) {
	if err := os.CopyFS(dir, os.DirFS("testdata/page")); err != nil {
		t.Fatal(err)
	}
	if _, err := npm(dir, "install", "--no-save", packed); err != nil {
		t.Fatal(err)
	}
	compiler, err := filepath.Abs(client + "/node_modules/.bin/tsc")
	if err != nil {
		t.Fatal(err)
	}
	in(t, dir, compiler, "-p", dir)
	want := `<presence-dot name="Ben" class="big" participant="ben"></presence-dot>` +
		`<presence-dot participant="carl" name="Carl"></presence-dot>unknown 2 connecting`
	if got := in(t, dir, "node", "--experimental-websocket", "--no-warnings", "out/page.js", url); got != want {
		t.Errorf("a server renders\n%s\nand not\n%s", got, want)
	}
}

// in runs a program in a folder, and returns what it prints.
func in(t *testing.T, dir string, argv ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", argv, err, out)
	}
	return strings.TrimSpace(string(out))
}
