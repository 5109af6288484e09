package disk

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open gives what is in a directory as "kind partition bytes".
func open(t *testing.T, dir string, compact func()) (*Log, []string, string) {
	t.Helper()
	var got []string
	var said bytes.Buffer
	l, err := Open(dir, slog.New(slog.NewTextHandler(&said, nil)), func(e Entry) {
		got = append(got, fmt.Sprintf("%d %d %.20s", e.Kind, e.Partition, e.Bytes))
	}, compact)
	if err != nil {
		t.Fatal(err)
	}
	return l, got, said.String()
}

func fill(t *testing.T, dir string, entries ...string) {
	t.Helper()
	l, _, _ := open(t, dir, nil)
	for i, e := range entries {
		l.Append(Records, i, []byte(e))
		if err := l.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir string) (entries []string, said string) {
	t.Helper()
	l, entries, said := open(t, dir, nil)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return entries, said
}

func TestWhatWasSyncedIsThere(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, "one", "two")
	fill(t, dir, "three")
	if got, said := read(t, dir); fmt.Sprint(got) != "[1 0 one 1 1 two 1 0 three]" || said != "" {
		t.Errorf("%v, said %q", got, said)
	}
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	l, _, _ := open(t, dir, nil)
	defer l.Close()
	if _, err := Open(dir, slog.Default(), func(Entry) {}, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("a second one: %v", err)
	}
}

func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "00000001.log"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	return names[0]
}

// TestTornAnywhere cuts a file at each of its bytes: all entries that are whole are loaded, and further ones can follow.
func TestTornAnywhere(t *testing.T) {
	whole := t.TempDir()
	fill(t, whole, "one", "two")
	b, err := os.ReadFile(onlyFile(t, whole))
	if err != nil {
		t.Fatal(err)
	}
	half := headerSize + 3
	for n := range b {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "00000001.log"), b[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		want := "[]"
		if n >= half {
			want = "[1 0 one]"
		}
		got, said := read(t, dir)
		if fmt.Sprint(got) != want {
			t.Fatalf("cut at %d: %v, want %s", n, got, want)
		}
		if torn := n%half != 0; torn != strings.Contains(said, "00000001.log") {
			t.Fatalf("cut at %d: said %q", n, said)
		}
		fill(t, dir, "three")
		if got, said := read(t, dir); !strings.HasSuffix(fmt.Sprint(got), "1 0 three]") || said != "" {
			t.Fatalf("cut at %d, then written on: %v, said %q", n, got, said)
		}
	}
}

// TestDamageAnywhere turns over each byte: the other entries are loaded, the file is named and kept.
func TestDamageAnywhere(t *testing.T) {
	whole := t.TempDir()
	fill(t, whole, "one", "two", "three")
	b, err := os.ReadFile(onlyFile(t, whole))
	if err != nil {
		t.Fatal(err)
	}
	last := len(b) - headerSize - 5
	for n := range b {
		dir := t.TempDir()
		broken := bytes.Clone(b)
		broken[n] ^= 0x55
		if err := os.WriteFile(filepath.Join(dir, "00000001.log"), broken, 0o600); err != nil {
			t.Fatal(err)
		}
		got, said := read(t, dir)
		if len(got) != 2 || !strings.Contains(said, "00000001.log") {
			t.Fatalf("byte %d: %v, said %q", n, got, said)
		}
		kept, err := os.ReadFile(filepath.Join(dir, "00000001.log.damaged"))
		if n < last && (err != nil || !bytes.Equal(kept, broken)) {
			t.Fatalf("byte %d: the damaged file is not kept: %v", n, err)
		}
	}
}

func TestShortened(t *testing.T) {
	dir := t.TempDir()
	done := make(chan struct{})
	var l *Log
	l, _, _ = open(t, dir, func() {
		l.Append(Snapshot, 7, []byte("all"))
		close(done)
	})
	big := make([]byte, 1<<20)
	for range minCompact>>20 + 1 {
		l.Append(Records, 7, big)
		if err := l.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	<-done
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got, _ := read(t, dir)
	if len(got) == 0 || got[0] != "2 7 all" && !strings.HasPrefix(got[0], "1 7") {
		t.Fatalf("%.100v", got)
	}
	for i, e := range got {
		if e == "2 7 all" && i > 1 {
			t.Errorf("%d entries before the snapshot", i)
		}
	}
}

// TestFailedDisk: once a write has failed nothing is acknowledged.
func TestFailedDisk(t *testing.T) {
	l, _, _ := open(t, t.TempDir(), nil)
	l.file.Close()
	l.Append(Records, 1, []byte("x"))
	if err := l.Sync(t.Context()); err == nil {
		t.Error("acknowledged")
	}
	l.Append(Records, 1, []byte("y"))
	if err := l.Sync(t.Context()); err == nil {
		t.Error("acknowledged later")
	}
	_ = l.Close()
}

func FuzzScan(f *testing.F) {
	one := appendEntry(nil, Entry{Records, 1, time.UnixMilli(5), []byte("abc")})
	f.Add(one)
	f.Add(append(append(one[:0:0], one...), one[:10]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries := 0
		damage, lost, _ := scan(b, func(e Entry) { entries += headerSize + len(e.Bytes) })
		if (damage < 0) != (lost == 0) || entries+lost != len(b) {
			t.Fatalf("%d bytes in entries, %d lost, of %d; damage at %d", entries, lost, len(b), damage)
		}
	})
}
