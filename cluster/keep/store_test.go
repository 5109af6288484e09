package keep

import (
	"encoding/binary"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// toStore gives a store what a host puts.
type toStore struct{ store *Store }

func (m *toStore) Put(partition int, records, extras []byte) {
	m.store.Records(partition, records, extras)
}

const partitions = 4

// opened is a store on dir with a host that is one of several.
func opened(t *testing.T, dir string, clock func() time.Time) (*Store, *host.Host) {
	t.Helper()
	s, h, err := openedWith(dir, "1a2b3c4d", clock)
	if err != nil {
		t.Fatal(err)
	}
	return s, h
}

// openedWith is likewise with a viewer key.
func openedWith(dir, viewers string, clock func() time.Time) (*Store, *host.Host, error) {
	mirror := &toStore{}
	h, err := host.New(host.Config{Partitions: partitions, Node: 1, Settings: host.DefaultSettings(), Mirror: mirror})
	if err != nil {
		return nil, nil, err
	}
	s, err := Open(Config{
		Dir: dir, Node: "n1", Host: h, Partitions: partitions, Log: slog.New(slog.DiscardHandler), Clock: clock,
		Viewers: viewers,
	})
	mirror.store = s
	return s, h, err
}

func closed(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func overrideAt(h *host.Host, id string) shard.Override {
	r, _ := h.Inspect(id, id, false)
	return r.Override
}

// TestKeptIsHeld: after a start what was kept is held, and what was forgotten isn't there.
func TestKeptIsHeld(t *testing.T) {
	dir := t.TempDir()
	s, h := opened(t, dir, time.Now)
	p := h.PartitionOf("ada")
	other := (p + 1) % partitions
	for _, p := range []int{p, other} {
		h.Serve(p)
		s.Save(p)
	}
	if o := h.SetOverride("ada", shard.OverrideBusy); o != shard.Done {
		t.Fatal(o)
	}
	s.Forget(other)
	if err := s.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	s, h = opened(t, dir, time.Now)
	defer closed(t, s)
	if h.Role(p) != host.Held || h.Role(other) != host.Absent {
		t.Errorf("what was kept is %v, what was forgotten %v", h.Role(p), h.Role(other))
	}
	if h.Serve(p); overrideAt(h, "ada") != shard.OverrideBusy {
		t.Errorf("the override is %v", overrideAt(h, "ada"))
	}
}

// TestOpaqueIsKept: what a newer version wrote is there after a start, and after all was written
// anew by this version.
func TestOpaqueIsKept(t *testing.T) {
	dir := t.TempDir()
	s, h := opened(t, dir, time.Now)
	p := h.PartitionOf("ada")
	h.Serve(p)
	empty, _ := h.Snapshot(p)
	rest := codec.AppendText(codec.AppendText(nil, "ada"), "status")
	rest = binary.BigEndian.AppendUint64(rest, uint64(shard.NewClock(9).Next(time.Now().UnixMilli())))
	extra := append([]byte{200, byte(len(rest) + 1)}, append(rest, 0)...)
	s.Save(p)
	if err := h.Merge(p, 9, shard.Extended(empty, extra), true); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		closed(t, s)
		s, h = opened(t, dir, time.Now)
		h.Serve(p)
		if said, _ := h.Said("ada"); said.Opaque != (shard.Opaque{Facts: 1, Bytes: len(extra)}) {
			t.Errorf("%+v is held", said.Opaque)
		}
		s.Save(p) // as a compaction does
	}
	closed(t, s)
}

// TestOld: what is older than a day is not put before others that have gone on. That it is old
// changes nothing here: they may have been stopped, too.
func TestOld(t *testing.T) {
	dir := t.TempDir()
	s, h := opened(t, dir, time.Now)
	h.Serve(1)
	s.Save(1)
	if s.Old() {
		t.Error("an empty directory is old")
	}
	closed(t, s)
	for age, want := range map[time.Duration]bool{oldest - time.Hour: false, oldest + time.Hour: true} {
		s, h := opened(t, dir, func() time.Time { return time.Now().Add(age) })
		if got := s.Old(); got != want {
			t.Errorf("after %v it is old: %t", age, got)
		}
		if h.Role(1) != host.Held {
			t.Errorf("after %v it is %v", age, h.Role(1))
		}
		closed(t, s)
	}
}

// TestNilStore: a node without a data directory keeps nothing, and is well.
func TestNilStore(t *testing.T) {
	var s *Store
	s.Records(1, nil, nil)
	s.Snapshot(1, nil, true)
	s.Save(1)
	s.Forget(1)
	s.Shorten()
	s.NoteCluster("c", 1, true)
	s.Tell(t.Context(), nil)
	knows, _ := s.KnowsCluster("c")
	if err := s.Sync(t.Context()); err != nil || s.Words() != "" || knows || s.Old() || s.Close() != nil {
		t.Errorf("%v, %q", err, s.Words())
	}
}
