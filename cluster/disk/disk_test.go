package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/shard/wake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open gives what is in a directory as "kind partition bytes".
func open(t *testing.T, dir string, compact func(ctx context.Context) error) (*Log, []string, string) {
	t.Helper()
	var got []string
	var said bytes.Buffer
	l, err := Open(Config{
		Dir: dir, Log: slog.New(slog.NewTextHandler(&said, nil)), Clock: time.Now, Compact: compact,
		Take: func(e Entry) { got = append(got, fmt.Sprintf("%d %d %.20s", e.Kind, e.Partition, e.Bytes)) },
	})
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
	_, err := Open(Config{Dir: dir, Log: slog.Default(), Clock: time.Now, Take: func(Entry) {}})
	if !errors.Is(err, ErrLocked) {
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

// TestTornAnywhere cuts a file at each of its bytes: all entries that are whole are loaded, and
// further ones can follow.
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

// TestDamageAnywhere turns over each byte: the other entries are loaded, the file is named and
// kept.
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
		from := n / (headerSize + 3) * (headerSize + 3)
		kept, err := os.ReadFile(filepath.Join(dir, "00000001.log.damaged"))
		if n < last && (err != nil || !bytes.HasPrefix(broken[from:], kept) || len(kept) < headerSize) {
			t.Fatalf("byte %d: the damaged piece is not kept: %v", n, err)
		}
		torn, err := os.ReadFile(filepath.Join(dir, "00000001.log.torn"))
		if n >= last && (err != nil || !bytes.Equal(torn, broken[last:])) {
			t.Fatalf("byte %d: what was cut off is not kept: %v", n, err)
		}
		if again, said := read(t, dir); fmt.Sprint(again) != fmt.Sprint(got) || said != "" {
			t.Fatalf("byte %d: the next start finds %v, and says %q", n, again, said)
		}
	}
}

// TestDamagedAndTorn: a file that is damaged in the middle and torn at its end loses these two
// pieces, and nothing between.
func TestDamagedAndTorn(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, "one", "two", "three", "four")
	name := onlyFile(t, dir)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[headerSize] ^= 0x55
	b = b[:len(b)-2]
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // also from what the first repair left
		if got, _ := read(t, dir); fmt.Sprint(got) != "[1 1 two 1 2 three]" {
			t.Fatalf("%v", got)
		}
	}
	if kept, err := os.ReadFile(name + ".damaged"); err != nil || len(kept) == 0 {
		t.Errorf("the damaged file is not kept: %v", err)
	}
}

// TestShortened: snapshots replace what was before. Meanwhile the log goes on: what is appended is
// synced, and stays.
func TestShortened(t *testing.T) {
	dir := t.TempDir()
	begun, goOn := make(chan struct{}), make(chan struct{})
	var l *Log
	l, _, _ = open(t, dir, func(ctx context.Context) error {
		close(begun)
		<-goOn
		l.Append(Snapshot, 7, []byte("all"))
		return l.Sync(ctx)
	})
	l.Append(Records, 7, make([]byte, minCompact+1))
	<-begun
	l.Append(Records, 8, []byte("meanwhile"))
	if err := l.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		if names, _ := logFiles(dir); len(names) == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the older file stays")
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got, said := read(t, dir); fmt.Sprint(got) != "[1 8 meanwhile 2 7 all]" || said != "" {
		t.Fatalf("%.100v, said %q", got, said)
	}
}

// TestNotShortened: a compaction that failed, or whose process ended, leaves everything in the
// older file.
func TestNotShortened(t *testing.T) {
	for _, failed := range []bool{true, false} {
		dir := t.TempDir()
		begun := make(chan struct{})
		l, _, _ := open(t, dir, func(ctx context.Context) error {
			defer close(begun)
			if failed {
				return errors.New("no")
			}
			begun <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		l.Append(Records, 7, make([]byte, minCompact+1))
		<-begun
		for range 2 { // the second one is flushed after the end of a compaction that failed
			l.Append(Records, 8, []byte("x"))
			if err := l.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if got, _ := read(t, dir); len(got) != 3 || !strings.HasPrefix(got[0], "1 7") {
			t.Fatalf("%.100v", got)
		}
	}
}

// TestSlowDiskIsGivenUp: the bytes that wait for a disk that hangs are bounded, and are not
// acknowledged.
func TestSlowDiskIsGivenUp(t *testing.T) {
	l := &Log{ // nothing flushes it
		config: Config{Clock: time.Now}, log: slog.New(slog.DiscardHandler),
		wake: wake.New(), progress: make(chan struct{}),
	}
	entry := make([]byte, 64<<20)
	for range maxWaiting/len(entry) + 2 {
		l.Append(Records, 1, entry)
	}
	if err := l.Sync(t.Context()); !errors.Is(err, ErrSlow) || l.Trouble() == nil {
		t.Errorf("%v", err)
	}
	if len(l.buffer) > maxWaiting {
		t.Errorf("%d bytes are kept", len(l.buffer))
	}
}

// TestSlowDiskIsWaitedFor: an entry on its way to a slow disk is acknowledged when it is there, and
// not before.
func TestSlowDiskIsWaitedFor(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	l, err := Open(Config{
		Dir: t.TempDir(), Log: slog.Default(), Clock: time.Now, Take: func(Entry) {},
		Syncing: func() { begun <- struct{}{}; <-goOn },
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Append(Records, 1, []byte("x"))
	<-begun
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Sync(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("before it is on disk: %v", err)
	}
	close(goOn)
	if err := l.Sync(t.Context()); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzScan(f *testing.F) {
	one := appendEntry(nil, Entry{Records, 1, time.UnixMilli(5), []byte("abc")})
	f.Add(one)
	f.Add(append(append(one[:0:0], one...), one[:10]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries := 0
		damaged := scan(b, func(e Entry) { entries += headerSize + len(e.Bytes) })
		var whole []byte
		at, lost := 0, 0
		for _, d := range damaged {
			if d.from < at || d.from == at && at > 0 || d.to <= d.from {
				t.Fatalf("%v", damaged)
			}
			whole = append(whole, b[at:d.from]...)
			at, lost = d.to, lost+d.to-d.from
		}
		whole = append(whole, b[at:]...)
		if entries+lost != len(b) {
			t.Fatalf("%d bytes in entries, of %d; %v", entries, len(b), damaged)
		}
		again := 0
		left := scan(whole, func(e Entry) { again += headerSize + len(e.Bytes) })
		if len(left) > 0 || again != entries {
			t.Fatalf("taken out, there are %d bytes in entries, not %d, and %v", again, entries, left)
		}
	})
}

// TestAskedCompaction: after Shorten no file has what memory has lost, however small the log is. A
// compaction that fails is tried again.
func TestAskedCompaction(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, "secret")
	failed := false
	done := make(chan struct{})
	l := openAsked(t, dir, func(ctx context.Context, l *Log) error {
		if !failed {
			failed = true
			return errors.New("not yet")
		}
		defer close(done)
		l.Append(Snapshot, 0, []byte("public"))
		return l.Written(ctx)
	})
	l.Append(Records, 0, []byte("secret too"))
	l.Shorten()
	<-done
	closesPublic(t, l)
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		if b, err := os.ReadFile(name); err != nil || bytes.Contains(b, []byte("secret")) {
			t.Errorf("%s: %v, %q", name, err, b)
		}
	}
}

// TestCompactionEndsWithTheLog: a compaction that has all written as the log is closed takes effect.
func TestCompactionEndsWithTheLog(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, "secret")
	began := make(chan struct{})
	l := openAsked(t, dir, func(ctx context.Context, l *Log) error {
		close(began)
		<-ctx.Done()
		l.Append(Snapshot, 0, []byte("public"))
		return nil
	})
	l.Shorten()
	<-began
	closesPublic(t, l)
}

// openAsked opens a log that is compacted soon after Shorten.
func openAsked(t *testing.T, dir string, compact func(context.Context, *Log) error) (l *Log) {
	t.Helper()
	l, err := Open(Config{
		Dir: dir, Log: slog.New(slog.DiscardHandler), Clock: time.Now, Take: func(Entry) {},
		after: time.Millisecond, every: time.Millisecond,
		Compact: func(ctx context.Context) error { return compact(ctx, l) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// closesPublic closes a log, of which a snapshot must be all that is left.
func closesPublic(t *testing.T, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	entries, _ := read(t, l.dir)
	if got := strings.Join(entries, ", "); got != fmt.Sprintf("%d 0 public", Snapshot) {
		t.Errorf("left: %s", got)
	}
}

// TestUnaskedLogStays: without Shorten a small log is left alone.
func TestUnaskedLogStays(t *testing.T) {
	l := &Log{}
	l.config.after, l.config.every = time.Minute, time.Hour
	if l.isAsked() {
		t.Error("nobody has asked")
	}
	l.Shorten()
	if l.isAsked() {
		t.Error("it is due at once")
	}
	l.asked = time.Now().Add(-2 * time.Minute)
	l.rewrite.began = time.Now().Add(-time.Minute)
	if l.isAsked() {
		t.Error("it is due a minute after the one before")
	}
	l.rewrite.began = time.Now().Add(-time.Hour)
	if !l.isAsked() {
		t.Error("it isn't due after its time")
	}
	if l.rewrite.took = 7 * time.Minute; l.isAsked() {
		t.Error("it is due an hour after one that took 7 minutes")
	}
}
