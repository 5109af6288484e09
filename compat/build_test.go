package compat

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestBuild(t *testing.T) {
	binary, err := Build(t.Context())
	if errors.Is(err, ErrNoHistory) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), binary, "version").CombinedOutput()
	if hash := strings.TrimSpace(base); err != nil || !strings.Contains(string(out), hash[:7]) {
		t.Errorf("%s says %q, %v; want commit %s", binary, out, err, hash)
	}
}

// TestNoHistory: without the commit it is said which one is missing.
func TestNoHistory(t *testing.T) {
	defer func(was string) { base = was }(base)
	base = strings.Repeat("0", 40) + "\n"
	if _, err := Build(t.Context()); !errors.Is(err, ErrNoHistory) || !strings.Contains(err.Error(), base[:40]) {
		t.Errorf("%v, want %v and the hash", err, ErrNoHistory)
	}
}
