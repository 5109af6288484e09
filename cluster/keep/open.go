package keep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/cluster/disk"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Open loads a directory into the host.
func Open(c Config) (*Store, error) {
	s := &Store{config: c, host: c.Host, log: c.Log}
	entries, damaged, ahead := 0, 0, make(aheads)
	take := func(e disk.Entry) {
		if err := s.load(e, ahead); err != nil {
			damaged++
			s.log.Error("an entry on disk is passed over", "partition", e.Partition, "written", e.Written, "error", err)
			return
		}
		entries++
		if e.Written.After(s.newest) {
			s.newest = e.Written
		}
	}
	var err error
	if s.disk, err = disk.Open(disk.Config{
		Dir: c.Dir, Log: c.Log, Clock: c.Clock, Take: take, Compact: s.compact, Syncing: c.Syncing,
	}); err != nil {
		return nil, fmt.Errorf("data directory %s: %w", c.Dir, err)
	}
	if err := s.checkViewers(); err != nil {
		return nil, errors.Join(err, s.disk.Close())
	}
	s.host.Lapse()
	s.host.LeftUnknown()
	s.log.Info("loaded", "dir", c.Dir, "entries", entries, "skipped", damaged, "newest", s.newest)
	return s, nil
}

// aheads are the extras, by partition, whose snapshot has not come yet.
type aheads map[int][]byte

// join puts the extras to the snapshot whose they are. Those of one that was never written whole
// are left out: what came before it counts on.
func (a aheads) join(e disk.Entry) []byte {
	ahead := a[e.Partition]
	delete(a, e.Partition)
	extras, found := bytes.CutPrefix(ahead, sumOf(e.Bytes))
	if !found {
		return e.Bytes
	}
	return shard.Extended(e.Bytes, extras)
}

func (s *Store) load(e disk.Entry, ahead aheads) error {
	switch e.Kind {
	case disk.SnapshotExtras:
		ahead[e.Partition] = e.Bytes
		return nil
	case disk.Snapshot, disk.Partial:
		return s.host.LoadSnapshot(e.Partition, e.Written, ahead.join(e), e.Kind == disk.Snapshot)
	case disk.Records, disk.Extras:
		return s.host.Load(e.Partition, e.Written, e.Bytes)
	case disk.Forget:
		return s.host.Unload(e.Partition)
	default:
		return fmt.Errorf("an entry of kind %d", e.Kind)
	}
}

// oldest is how old a disk may be for a node that finds others which have gone on: what these have
// forgotten since it must not bring back.
const oldest = 24 * time.Hour

// Old reports whether what was loaded is too old to be put before others that have gone on.
func (s *Store) Old() bool {
	return s != nil && !s.newest.IsZero() && s.config.Clock().Sub(s.newest) >= oldest
}

// saveStep is how many partitions are written in memory before the disk is waited for.
const saveStep = 16

// compact writes all partitions anew.
func (s *Store) compact(ctx context.Context) error {
	return s.host.Rewrite(func() error { return s.saveAll(ctx) })
}

func (s *Store) saveAll(ctx context.Context) error {
	for p := range s.config.Partitions {
		if s.host.Role(p) != host.Absent {
			s.Save(p)
		}
		if p%saveStep == 0 {
			if err := s.disk.Written(ctx); err != nil {
				return err
			}
		}
	}
	return s.disk.Written(ctx)
}
