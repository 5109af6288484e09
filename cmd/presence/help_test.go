package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHelp compares with testdata; go test ./cmd/presence -run TestHelp -update writes it anew, and
// the diff is to be read.
func TestHelp(t *testing.T) {
	for file, args := range map[string][]string{
		"help.txt":       {},
		"help-serve.txt": {"serve", "-h"},
		"help-get.txt":   {"get", "--help"},
		"help-beat.txt":  {"beat", "-h"},
	} {
		term, out, errs := quiet()
		if status := run(t.Context(), args, term); status != exitOK || errs.String() != "" {
			t.Errorf("%s: status %d, %s", file, status, errs)
		}
		path := filepath.Join("testdata", file)
		if *update {
			write(t, path, []byte(out.String()))
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}
