package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestNote: a note is whole, the latest, and none of the entries, also when one was cut off before.
func TestNote(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, "one")
	l, _, _ := open(t, dir, nil)
	if _, err := l.Note("cluster"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before there is one: %v", err)
	}
	for _, text := range []string{"first", "second"} {
		half := []byte("cut off, and longer than the next")
		if err := os.WriteFile(filepath.Join(dir, "cluster.new"), half, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.SetNote("cluster", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, entries, said := open(t, dir, nil)
	defer l.Close()
	if b, err := l.Note("cluster"); err != nil || string(b) != "second" || len(entries) != 1 || said != "" {
		t.Errorf("%q, %v; entries %v, said %q", b, err, entries, said)
	}
	if _, err := os.Stat(filepath.Join(dir, "cluster.new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something is left over: %v", err)
	}
}
