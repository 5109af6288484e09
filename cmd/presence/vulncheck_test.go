package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVulncheck: a database that can't be reached is told from code that is well, and from code
// that isn't. The program is one that ends as govulncheck was seen to.
func TestVulncheck(t *testing.T) {
	for name, c := range map[string]struct {
		prints string
		ends   int
		status int
		says   string
	}{
		"well":       {"No vulnerabilities found.", 0, 0, "no known vulnerability"},
		"vulnerable": {"Vulnerability #1: GO-2026-0001", 3, 3, "known vulnerabilities are called"},
		"no database": {"creating client: unrecognized vulndb format; see " +
			"https://go.dev/security/vuln/database#api for accepted schema", 1, 75, "NOT CHECKED"},
		"no network": {
			"govulncheck: fetching vulnerabilities: dial tcp: lookup vuln.go.dev: no such host", 1, 75,
			"NOT CHECKED",
		},
		"does not build": {"govulncheck: loading packages: there are errors", 1, 1, "loading packages"},
	} {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "govulncheck")
			text := fmt.Sprintf("#!/bin/sh\necho '%s' >&2\nexit %d\n", c.prints, c.ends)
			if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "make", "-s", "-C", "../..", "vulncheck", "GOVULNCHECK="+program)
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.status == 0) || !strings.Contains(string(out), c.says) {
				t.Errorf("make vulncheck: %v, want %q:\n%s", err, c.says, out)
			}
			script := exec.CommandContext(t.Context(), "../../.ci/vulncheck", program)
			_ = script.Run()
			if got := script.ProcessState.ExitCode(); got != c.status {
				t.Errorf("status %d, want %d", got, c.status)
			}
		})
	}
}
