package disk

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDeletedWhileInUse: nothing is acknowledged that a restart would not find, and all is written
// once there is a place for it.
func TestDeletedWhileInUse(t *testing.T) {
	nothing := func(string) error { return nil }
	away := func(dir string) error { return os.Rename(dir, dir+".away") }
	deleted := func(name string) func(string) error {
		return func(dir string) error { return os.Remove(filepath.Join(dir, name)) }
	}
	for name, tc := range map[string]struct {
		away, back func(dir string) error
		lasts      bool // until back is called
	}{
		"the directory":       {os.RemoveAll, func(dir string) error { return os.Mkdir(dir, 0o700) }, true},
		"moved away and back": {away, func(dir string) error { return os.Rename(dir+".away", dir) }, true},
		"another instead": {
			func(dir string) error { return errors.Join(away(dir), os.Mkdir(dir, 0o700)) }, nothing, false,
		},
		"the file":      {deleted("00000002.log"), nothing, false},
		"an older file": {deleted("00000001.log"), nothing, false},
		"the lock":      {deleted("lock"), nothing, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			fill(t, dir, "zero")
			m, _ := openMemory(t, dir, Config{})
			if err := errors.Join(m.set(t.Context(), 1, "one"), m.log.SetNote("note", []byte("x"))); err != nil {
				t.Fatal(err)
			}
			if err := tc.away(dir); err != nil {
				t.Fatal(err)
			}
			if err := m.set(t.Context(), 2, "two"); tc.lasts && !errors.Is(err, ErrGone) {
				t.Errorf("acknowledged: %v", err)
			}
			m.await(t, "it is noticed", func(err error) bool {
				_, none := os.Stat(filepath.Join(dir, "00000003.log"))
				return err != nil || none == nil // or written anew already
			})
			if err := tc.back(dir); err != nil {
				t.Fatal(err)
			}
			m.await(t, "it is written", isNil)
			if err := m.set(t.Context(), 3, "three"); err != nil {
				t.Error(err)
			}
			m.wantAll(t, dir)
			if b, err := os.ReadFile(filepath.Join(dir, "note")); err != nil || string(b) != "x" {
				t.Errorf("the note: %q, %v", b, err)
			}
		})
	}
}

// TestReplacedByOthers: files that an operator put there are neither read nor removed while in use.
func TestReplacedByOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	m, _ := openMemory(t, dir, Config{})
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	fill(t, dir, "theirs")
	m.await(t, "it is named", func(err error) bool {
		return errors.Is(err, ErrGone) && strings.Contains(err.Error(), "00000001.log was put there meanwhile; restart")
	})
	if err := m.log.Close(); err == nil {
		t.Error("closed as if all was well")
	}
	if got, said := read(t, dir); len(got) != 1 || said != "" {
		t.Errorf("of the others is left %v, said %q", got, said)
	}
}

// TestTakenByAnother: a directory that another process has locked meanwhile is left to it.
func TestTakenByAnother(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	m, _ := openMemory(t, dir, Config{})
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	other, _ := openMemory(t, dir, Config{})
	m.await(t, "it is named", isNot(ErrLocked))
	if err := other.set(t.Context(), 1, "one"); err != nil {
		t.Error(err)
	}
	_ = m.log.Close()
	other.wantAll(t, dir)
}

// TestStrangersAreLeftAlone: a file that this log never made is named, and nothing is touched.
func TestStrangersAreLeftAlone(t *testing.T) {
	torn := []byte("no entry at all")
	for _, name := range []string{
		"notes.log", "1.log", "00000001 (copy).log", "-0000001.log", "00000000.log", "999999999x.log",
	} {
		dir := t.TempDir()
		fill(t, dir, "one")
		for _, n := range []string{name, "00000002.log"} {
			if err := os.WriteFile(filepath.Join(dir, n), torn, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Open(Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Clock: time.Now, Take: func(Entry) {}})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "move it out") {
			t.Errorf("%s: %v", name, err)
		}
		for _, n := range []string{name, "00000002.log"} {
			if b, err := os.ReadFile(filepath.Join(dir, n)); err != nil || !bytes.Equal(b, torn) {
				t.Errorf("%s: %q, %v", n, b, err)
			}
		}
	}
}

// TestNoFile: a directory or link with the name of a file is named in the error.
func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/dev/null", filepath.Join(dir, "00000001.log")); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Clock: time.Now, Take: func(Entry) {}})
	if err == nil || !strings.Contains(err.Error(), "00000001.log") {
		t.Errorf("%v", err)
	}
	_, err = Open(Config{
		Dir: filepath.Join(dir, "00000001.log"), Log: slog.New(slog.DiscardHandler),
		Clock: time.Now, Take: func(Entry) {},
	})
	if err == nil || !strings.Contains(err.Error(), "must be a directory") {
		t.Errorf("%v", err)
	}
}

// TestLinkedDirectory: a directory may be reached through a link.
func TestLinkedDirectory(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	m, _ := openMemory(t, link, Config{})
	if err := m.set(t.Context(), 1, "one"); err != nil {
		t.Error(err)
	}
	m.wantAll(t, dir)
}

// TestPiecesAreBounded: damaged pieces are kept, but don't fill the disk.
func TestPiecesAreBounded(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, "one", "two")
	name := onlyFile(t, dir)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[headerSize] ^= 0x55
	err = errors.Join(os.WriteFile(name, b, 0o600), os.WriteFile(name+".torn", nil, 0o600),
		os.Truncate(name+".torn", maxAside))
	if err != nil {
		t.Fatal(err)
	}
	got, said := read(t, dir)
	if len(got) != 1 || !strings.Contains(said, "no copy is kept, as there are so many") {
		t.Errorf("%v, said %q", got, said)
	}
	if _, again := read(t, dir); again != "" {
		t.Errorf("said once more: %q", again)
	}
}
