package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// sick is a disk of which a test sets how many bytes are free, and what a sync returns.
type sick struct {
	mu   sync.Mutex
	free int64
	sync error
}

func (s *sick) set(free int64, sync error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free, s.sync = free, sync
}

// sickFile can write what it has reserved, and more while some is free.
type sickFile struct {
	file
	disk    *sick
	written int64
	has     int64
}

func (s *sick) create(path string) (file, error) {
	f, err := createFile(path)
	return &sickFile{file: f, disk: s}, err
}

func (f *sickFile) Reserve(from, bytes int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	more := max(0, from+bytes-f.has)
	if more > f.disk.free {
		return syscall.ENOSPC
	}
	f.disk.free -= more
	f.has += more
	return nil
}

func (f *sickFile) Write(b []byte) (int, error) {
	if f.Reserve(f.written, int64(len(b))) != nil {
		n, _ := f.file.Write(b[:f.has-f.written])
		return n, syscall.ENOSPC
	}
	f.written += int64(len(b))
	return f.file.Write(b)
}

func (f *sickFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return errors.Join(f.disk.sync, f.file.Sync())
}

// memory is what a log keeps: the latest of each partition.
type memory struct {
	mu  sync.Mutex
	all map[int]string
	log *Log
}

func openMemory(t *testing.T, dir string, c Config) (m *memory, said *bytes.Buffer) {
	t.Helper()
	m, said = &memory{all: make(map[int]string)}, new(bytes.Buffer)
	c.Dir, c.Log, c.Clock, c.Compact = dir, slog.New(slog.NewTextHandler(said, nil)), time.Now, m.compact
	c.Take = func(e Entry) { m.all[e.Partition] = string(e.Bytes) }
	var err error
	if m.log, err = Open(c); err != nil {
		t.Fatal(err)
	}
	return m, said
}

// set stores a value of a partition, and reports whether it is on disk.
func (m *memory) set(ctx context.Context, partition int, value string) error {
	m.mu.Lock()
	m.all[partition] = value
	m.log.Append(Snapshot, partition, []byte(value))
	m.mu.Unlock()
	return m.log.Sync(ctx)
}

func (m *memory) compact(ctx context.Context) error {
	m.mu.Lock()
	for p, value := range m.all {
		m.log.Append(Snapshot, p, []byte(value))
	}
	m.mu.Unlock()
	return m.log.Written(ctx)
}

// await waits until the log's trouble is the one given.
func (m *memory) await(t *testing.T, what string, is func(error) bool) {
	t.Helper()
	limit := time.After(2 * time.Minute)
	for !is(m.log.Trouble()) {
		select {
		case <-m.log.Changed():
		case <-limit:
			t.Fatalf("%s: %v", what, m.log.Trouble())
		}
	}
}

func isNil(err error) bool { return err == nil }

func isNot(want error) func(error) bool {
	return func(err error) bool { return errors.Is(err, want) }
}

// wantAll ends a log, and reads it again.
func (m *memory) wantAll(t *testing.T, dir string) {
	t.Helper()
	if err := m.log.Close(); err != nil {
		t.Errorf("closed: %v", err)
	}
	again, said := openMemory(t, dir, Config{})
	if fmt.Sprint(again.all) != fmt.Sprint(m.all) || said.Len() > 0 {
		t.Errorf("on disk are %.200v, want %.200v; said %s", again.all, m.all, said)
	}
	if err := again.log.Close(); err != nil {
		t.Error(err)
	}
}

// TestFullDiskIsSeenComing: Trouble returns ErrNoSpace while what is under way still fits, and ends
// by itself.
func TestFullDiskIsSeenComing(t *testing.T) {
	dir, s := t.TempDir(), &sick{free: reserveBytes}
	m, _ := openMemory(t, dir, Config{create: s.create})
	for i := 0; m.log.Trouble() == nil; i++ {
		if err := m.set(t.Context(), i, strings.Repeat("x", 1000)); err != nil {
			t.Fatalf("%d: refused before Trouble said so: %v", i, err)
		}
	}
	if err := m.log.Trouble(); !errors.Is(err, ErrNoSpace) {
		t.Fatal(err)
	}
	if err := m.set(t.Context(), 9999, strings.Repeat("y", leastRoom*3/4)); err != nil {
		t.Fatalf("what was under way does not fit: %v", err)
	}
	s.set(2*reserveBytes, nil)
	m.await(t, "there is room again", isNil)
	m.wantAll(t, dir)
}

// TestFullDiskIsWrittenAgain: a write that did not fit is cut off, and all is written once there is
// room.
func TestFullDiskIsWrittenAgain(t *testing.T) {
	dir, s := t.TempDir(), &sick{free: reserveBytes}
	m, said := openMemory(t, dir, Config{create: s.create})
	if err := m.set(t.Context(), 1, "one"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := m.set(t.Context(), 2, strings.Repeat("x", 2*reserveBytes)); !errors.Is(err, ErrNoSpace) {
			t.Fatalf("acknowledged on a full disk: %v", err)
		}
	}
	s.set(9*reserveBytes, nil)
	m.await(t, "it is written again", isNil)
	if err := m.set(t.Context(), 3, "three"); err != nil {
		t.Error(err)
	}
	m.wantAll(t, dir)
	if n := strings.Count(said.String(), "the disk failed"); n != 1 {
		t.Errorf("said %d times that it failed:\n%s", n, said)
	}
}

// TestStartsOnAFullDisk: what is there is loaded, and nothing is acknowledged before there is room.
func TestStartsOnAFullDisk(t *testing.T) {
	dir, s := t.TempDir(), &sick{}
	fill(t, dir, "one")
	m, _ := openMemory(t, dir, Config{create: s.create})
	if m.all[0] != "one" || !errors.Is(m.log.Trouble(), ErrNoSpace) {
		t.Fatalf("%v, %v", m.all, m.log.Trouble())
	}
	if err := m.set(t.Context(), 2, "two"); !errors.Is(err, ErrNoSpace) {
		t.Errorf("acknowledged: %v", err)
	}
	s.set(9*reserveBytes, nil)
	m.await(t, "it is written", isNil)
	m.wantAll(t, dir)
}

// TestFailedSync: after an error nobody knows what is on disk, so all is written anew.
func TestFailedSync(t *testing.T) {
	dir, s := t.TempDir(), &sick{free: 99 * reserveBytes}
	m, _ := openMemory(t, dir, Config{create: s.create})
	s.set(99*reserveBytes, syscall.EIO)
	for range 2 {
		if err := m.set(t.Context(), 1, "one"); err == nil {
			t.Error("acknowledged")
		}
	}
	s.set(99*reserveBytes, nil)
	m.await(t, "it is written", isNil)
	m.wantAll(t, dir)
}
