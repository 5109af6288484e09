package contracts

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	openAPI  = "../../../../docs/openapi.yaml"
	asyncAPI = "../../../../docs/asyncapi.yaml"
)

// fromNPM is the path of a tool that testdata/package.json names.
func fromNPM(t *testing.T, name string) string {
	t.Helper()
	path := absolute(t, "testdata/node_modules/.bin/"+name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not installed: run make contract-needs", name)
	}
	return path
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// quiet keeps the tools from asking their makers for news, and the Go tool to the pinned versions.
var quiet = []string{
	"REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "GOWORK=off", "GOFLAGS=-mod=readonly",
}

// say runs a program in dir and returns what it printed. A program that fails fails the test.
func say(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), quiet...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", filepath.Base(name), args, err, out)
	}
	return string(out)
}

// workshop is a new folder with the files of a folder of testdata, both contracts, and the packages
// from npm.
func workshop(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/"+name)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{openAPI, asyncAPI} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Base(file)), text)
	}
	write(t, filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`))
	if err := os.Symlink(absolute(t, "testdata/node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
