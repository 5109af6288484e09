package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/cluster/disk"
	"github.com/scaiwave/presence/shard/host"
)

// store keeps on disk what this node serves and what it is a backup of: both, so that a cluster that was stopped, or lost power, has
// every acknowledged fact on two disks. The nil store keeps nothing.
//
//	own partitions     replica.Put ─▶ Records;  merged: Snapshot ─▶ acknowledged after Sync
//	copies             Fill ─▶ Snapshot, Apply ─▶ Records        ─▶ the owner is answered after Sync
//	dropped            Forget
//
// What is loaded at the start is held: it is pushed to whoever owns it, or served after nobody else turned out to hold it. Nobody is
// online by it, as nobody has been heard of; overrides, windows, registrations and last-seen stand. Where others have served meanwhile,
// something may be missing in it, and it counts as such.
type store struct {
	log    *disk.Log
	newest time.Time // of what was loaded
}

// oldest is how old a disk may be for a node that finds others: what these have forgotten since it must not bring back.
const oldest = 24 * time.Hour

// openStore loads a directory into a host that hasn't started.
func openStore(n *Node, dir string) (*store, error) {
	s := &store{}
	entries, damaged := 0, 0
	take := func(e disk.Entry) {
		if err := load(n.host, e); err != nil {
			damaged++
			n.log.Error("an entry on disk is passed over", "partition", e.Partition, "written", e.Written, "error", err)
			return
		}
		entries++
		if e.Written.After(s.newest) {
			s.newest = e.Written
		}
	}
	var err error
	compact := func(ctx context.Context) error { return s.shorten(ctx, n) }
	if s.log, err = disk.Open(disk.Config{
		Dir: dir, Log: n.log, Clock: n.clock, Take: take, Compact: compact, Syncing: n.config.Sync,
	}); err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	n.host.Lapse()
	n.host.LeftUnknown()
	n.log.Info("loaded", "dir", dir, "entries", entries, "skipped", damaged, "newest", s.newest)
	return s, nil
}

func load(h *host.Host, e disk.Entry) error {
	switch e.Kind {
	case disk.Snapshot:
		return h.LoadSnapshot(e.Partition, e.Written, e.Bytes, true)
	case disk.Partial:
		return h.LoadSnapshot(e.Partition, e.Written, e.Bytes, false)
	case disk.Records:
		return h.Load(e.Partition, e.Written, e.Bytes)
	case disk.Forget:
		return h.Unload(e.Partition)
	default:
		return fmt.Errorf("an entry of kind %d", e.Kind)
	}
}

func (s *store) records(partition int, records []byte) {
	if s != nil {
		s.log.Append(disk.Records, partition, records)
	}
}

func (s *store) snapshot(partition int, snapshot []byte, whole bool) {
	if s == nil {
		return
	}
	kind := disk.Snapshot
	if !whole {
		kind = disk.Partial
	}
	s.log.Append(kind, partition, snapshot)
}

func (s *store) forget(partition int) {
	if s != nil {
		s.log.Append(disk.Forget, partition, nil)
	}
}

// all writes all there is of a partition.
func (s *store) all(h *host.Host, partition int) {
	if s != nil {
		h.SnapshotInto(partition, func(b []byte, whole bool) { s.snapshot(partition, b, whole) })
	}
}

// syncWait is how long the disk may take. It is below slowAfter, so that an owner can tell a backup
// with a slow disk from one that is slow.
const syncWait = 400 * time.Millisecond

// sync waits until all of that is on disk. A disk that takes longer than syncWait is not waited for:
// others need the place.
func (s *store) sync(ctx context.Context) error {
	if s == nil {
		return nil
	}
	if err := s.log.Trouble(); errors.Is(err, disk.ErrSlow) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, syncWait)
	defer cancel()
	return s.log.Sync(ctx)
}

// trouble returns why this node's disk takes no facts, or nil.
func (s *store) trouble() error {
	if s == nil {
		return nil
	}
	return s.log.Trouble()
}

// shortenSoon has what was forgotten leave the files, too.
func (s *store) shortenSoon() {
	if s != nil {
		s.log.Shorten()
	}
}

// shortenStep is how many partitions are written in memory before the disk is waited for.
const shortenStep = 16

func (s *store) shorten(ctx context.Context, n *Node) error {
	return n.host.Rewrite(func() error { return s.writeAll(ctx, n) })
}

func (s *store) writeAll(ctx context.Context, n *Node) error {
	for p := range n.partitions {
		if n.host.Role(p) != host.Absent {
			s.all(n.host, p)
		}
		if p%shortenStep == 0 {
			if err := s.log.Written(ctx); err != nil {
				return err
			}
		}
	}
	return s.log.Written(ctx)
}

// expire forgets what was loaded if it is too old to be put before others.
func (s *store) expire(n *Node) {
	if s == nil || s.newest.IsZero() || n.clock().Sub(s.newest) < oldest {
		return
	}
	n.log.Warn("what is on disk is too old to be merged with what others know; it is left out", "newest", s.newest)
	for p := range n.partitions {
		if n.host.Role(p) == host.Held {
			n.host.Drop(p)
			s.forget(p)
		}
	}
	s.shortenSoon() // who was erased meanwhile is in it
}

func (s *store) close() error {
	if s == nil {
		return nil
	}
	return s.log.Close()
}
