package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOutIsTriedBeforeAnythingIsMeasured: what can't be written would be known after minutes, and a device would be gone.
func TestOutIsTriedBeforeAnythingIsMeasured(t *testing.T) {
	dir := t.TempDir()
	device := filepath.Join(dir, "device") // not the device itself: without what is tested here, it would be replaced
	if err := os.Symlink(os.DevNull, device); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing", "r.json"): "nothing can be written in " + filepath.Join(dir, "missing"),
		dir:                                     "a directory or a device",
		device:                                  "a directory or a device",
	} {
		for _, command := range []string{"engine --participants=1000 --duration=300ms", "compare redis --presence=/nowhere"} {
			if _, errs, code := call(t, append(strings.Fields(command), "--out="+path)...); code != 1 || !strings.Contains(errs, want) || strings.Contains(errs, "arrive") {
				t.Errorf("%s --out=%s: status %d: %s; want 1, %q and nothing measured", command, path, code, errs, want)
			}
		}
	}
	path := filepath.Join(dir, "r.json")
	if err := writable(path); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%v; want nothing but the link", left)
	}
}
