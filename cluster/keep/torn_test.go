package keep

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/disk"
	"github.com/scaiwave/presence/shard"
)

// latest is the last file of a directory.
func latest(t *testing.T, dir string) (name string, b []byte) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	name = slices.Max(all)
	b, err = os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return name, b
}

// torn is a copy of a directory whose last file is cut off.
func torn(t *testing.T, dir string, at int) string {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	name, b := latest(t, copied)
	if err := os.WriteFile(name, b[:at], 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

// marker begins each entry.
var marker = []byte{0xA7, 'p', 'r', 0x5C}

// cuts are the places at which a file is torn: at the beginning of each entry, and a byte to either
// side. Inside an entry one place is like the other, as it has a checksum.
func cuts(b []byte) (all []int) {
	for at := 0; at < len(b); at++ {
		if bytes.HasPrefix(b[at:], marker) {
			all = append(all, max(at-1, 0), at, at+1)
		}
	}
	return append(all, len(b)-1, len(b))
}

// TestTornAnywhere cuts the file everywhere, as a power cut may. Whatever was synced before is
// there, of a tenant's participant, too. So it is where snapshots are written in between.
func TestTornAnywhere(t *testing.T) {
	dir := t.TempDir()
	s, h := opened(t, dir, time.Now)
	inner := shard.InnerID("acme", "ada")
	for _, id := range []string{"ada", inner} {
		h.Serve(h.PartitionOf(id))
		s.Save(h.PartitionOf(id))
	}
	var synced []int // how long the file was, by how many blocks were synced
	for i, viewer := range []string{"ben", "cat"} {
		for _, id := range []string{"ada", inner} {
			if o := h.SetBlock(id, viewer, true); o != shard.Done {
				t.Fatal(o)
			}
			if i > 0 {
				s.Save(h.PartitionOf(id))
			}
		}
		if err := s.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, b := latest(t, dir)
		synced = append(synced, len(b))
	}
	closed(t, s)
	_, whole := latest(t, dir)
	for _, at := range cuts(whole) {
		want := 0
		for want < len(synced) && at >= synced[want] {
			want++
		}
		for _, id := range []string{"ada", inner} {
			if got := blocksIn(t, torn(t, dir, at), id); got < want {
				t.Fatalf("cut at %d of %d, %q has %d blocks, %d were synced", at, len(whole), id, got, want)
			}
		}
	}
}

// blocksIn is how many blocks a participant has in a directory.
func blocksIn(t *testing.T, dir, id string) int {
	t.Helper()
	s, h := opened(t, dir, time.Now)
	defer closed(t, s)
	h.Serve(h.PartitionOf(id))
	said, _ := h.Said(id)
	return len(said.Blocks)
}

// TestExtrasOfAnotherSnapshot: those whose own was never written don't come to the next one.
func TestExtrasOfAnotherSnapshot(t *testing.T) {
	dir := t.TempDir()
	s, h := opened(t, dir, time.Now)
	p := h.PartitionOf("ada")
	h.Serve(p)
	if o := h.SetBlock("ada", "eve", true); o != shard.Done {
		t.Fatal(o)
	}
	s.Save(p)
	closed(t, s)
	_, b := latest(t, dir)
	last := bytes.LastIndex(b, marker) // where the snapshot begins
	dir = torn(t, dir, last)
	s, h = opened(t, dir, time.Now)
	if err := h.Unload(p); err != nil {
		t.Fatal(err)
	}
	h.Serve(p)
	s.Save(p) // one without extras
	closed(t, s)
	if n := blocksIn(t, dir, "ada"); n > 0 {
		t.Errorf("%d blocks", n)
	}
}

// TestExtrasStayWithTheirSnapshot: a compaction may write a partition while an owner's snapshot of
// it is written. The extras of neither come between the other two.
func TestExtrasStayWithTheirSnapshot(t *testing.T) {
	dir := t.TempDir()
	s, h := opened(t, dir, time.Now)
	p := h.PartitionOf("ada")
	h.Serve(p)
	if o := h.SetBlock("ada", "ben", true); o != shard.Done {
		t.Fatal(o)
	}
	var both sync.WaitGroup
	for range 4 {
		snapshot, whole := h.Snapshot(p) // each has an id of its own
		both.Go(func() {
			for range 5000 {
				s.Snapshot(p, snapshot, whole)
			}
		})
	}
	both.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	alone, ahead := 0, make(aheads)
	l, err := disk.Open(disk.Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Clock: time.Now, Take: func(e disk.Entry) {
		switch e.Kind {
		case disk.SnapshotExtras:
			ahead[e.Partition] = bytes.Clone(e.Bytes)
		case disk.Snapshot:
			if _, extras, _ := shard.Parts(ahead.join(e)); len(extras) == 0 {
				alone++
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil || alone > 0 {
		t.Errorf("%d snapshots are without their extras, %v", alone, err)
	}
}
