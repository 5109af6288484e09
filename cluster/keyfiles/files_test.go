package keyfiles

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// halves is good if both files hold the same.
func halves(contents [][]byte) (string, error) {
	if !bytes.Equal(contents[0], contents[1]) {
		return "", fmt.Errorf("%s is not %s", contents[0], contents[1])
	}
	return string(contents[0]), nil
}

// TestFilesAreFollowed, step by step as a renewal might go wrong.
func TestFilesAreFollowed(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write(t, a, "1")
	write(t, b, "1")
	var log bytes.Buffer
	var failures atomic.Int64
	f, err := Load(Options{slog.New(slog.NewTextHandler(&log, nil)), &failures}, halves, a, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		what     string
		change   func()
		holds    string
		is       bool // what Look says
		failures int64
		warnings int
	}{
		{"nothing", func() {}, "1", false, 0, 0},
		{"half of a renewal", func() { write(t, a, "2") }, "1", false, 1, 1},
		{"nothing", func() {}, "1", false, 2, 1},
		{"the other half", func() { write(t, b, "2") }, "2", true, 2, 1},
		{"nothing", func() {}, "2", false, 2, 1},
		{"the same half again", func() { write(t, a, "1") }, "2", false, 3, 2},
		{"another cause", func() { _ = os.Remove(a) }, "2", false, 4, 3},
		{"what is in use", func() { write(t, a, "2") }, "2", true, 4, 3},
		{"nothing", func() {}, "2", false, 4, 3},
	} {
		step.change()
		if got := f.Look(); got != step.is || f.Current() != step.holds {
			t.Errorf("after %s: %v, %q; want %v, %q", step.what, got, f.Current(), step.is, step.holds)
		}
		warnings := strings.Count(log.String(), "level=WARN msg=\"reload failed")
		if failures.Load() != step.failures || warnings != step.warnings {
			t.Errorf("after %s: %d failures, %d warnings; want %d, %d:\n%s", step.what, failures.Load(), warnings,
				step.failures, step.warnings, &log)
		}
	}
	if text := log.String(); !strings.Contains(text, "2 is not 1") || !strings.Contains(text, a+" "+b) {
		t.Errorf("neither reason nor files: %s", text)
	}
}

// TestContentCountsNotTime: a file that changes within the resolution of its time, or whose time is
// set back, is new.
func TestContentCountsNotTime(t *testing.T) {
	a := filepath.Join(t.TempDir(), "a")
	write(t, a, "1")
	when := time.Now()
	if err := os.Chtimes(a, when, when); err != nil {
		t.Fatal(err)
	}
	first := func(contents [][]byte) (string, error) { return string(contents[0]), nil }
	f, err := Load(Options{}, first, a)
	if err != nil {
		t.Fatal(err)
	}
	write(t, a, "2")
	if err := os.Chtimes(a, when, when); err != nil {
		t.Fatal(err)
	}
	if !f.Look() || f.Current() != "2" {
		t.Errorf("holds %q", f.Current())
	}
}

func TestFirstLoadMustBeGood(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	_, err := Load(Options{}, halves, missing, missing)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("%v", err)
	}
}
