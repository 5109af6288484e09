package keep

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/scaiwave/presence/cluster/disk"
	"github.com/scaiwave/presence/shard"
)

// Records keeps what has changed in a partition. Like Snapshot and Forget it doesn't wait: Sync
// does. Extras have entries of their own.
func (s *Store) Records(partition int, records, extras []byte) {
	if s == nil {
		return
	}
	if len(records) > 0 {
		s.disk.Append(disk.Records, partition, records)
	}
	if len(extras) > 0 {
		s.disk.Append(disk.Extras, partition, extras)
	}
}

// Snapshot keeps all there is of a partition. What was kept of it before doesn't count any more.
// whole is false if something may have been lost before. Its extras are written ahead of it: a
// power cut between the two leaves what was there before. A compaction that writes the partition
// at the same time must not come between them:
//
//	owner's snapshot:  extras 1 ─────────────────────── snapshot 1, of which the extras are lost
//	compaction:                  extras 2, snapshot 2
func (s *Store) Snapshot(partition int, snapshot []byte, whole bool) {
	if s == nil {
		return
	}
	kind := disk.Snapshot
	if !whole {
		kind = disk.Partial
	}
	former, extras, err := shard.Parts(snapshot)
	if err != nil { // it was read before
		former, extras = snapshot, nil
	}
	entries := []disk.Entry{{Kind: kind, Partition: partition, Bytes: former}}
	if len(extras) > 0 {
		ahead := disk.Entry{Kind: disk.SnapshotExtras, Partition: partition, Bytes: append(sumOf(former), extras...)}
		entries = []disk.Entry{ahead, entries[0]}
	}
	s.disk.AppendTogether(entries...)
}

// sumOf tells a snapshot from others. Each has an id of its own.
func sumOf(snapshot []byte) []byte { return binary.BigEndian.AppendUint64(nil, xxhash.Sum64(snapshot)) }

// Save is Snapshot of what the host has.
func (s *Store) Save(partition int) {
	if s != nil {
		s.host.SnapshotInto(partition, func(b []byte, whole bool) { s.Snapshot(partition, b, whole) })
	}
}

// Forget ends what was kept of a partition.
func (s *Store) Forget(partition int) {
	if s != nil {
		s.disk.Append(disk.Forget, partition, nil)
	}
}

// Shorten has what was forgotten leave the files, too, soon.
func (s *Store) Shorten() {
	if s != nil {
		s.disk.Shorten()
	}
}

// syncWait is how long the disk may take. It is well below the time after which an owner gives a
// call up, so that the owner can tell a backup with a slow disk from one that is slow.
const syncWait = 400 * time.Millisecond

// Sync waits until all that was written before is on disk. A disk that takes longer than syncWait
// is not waited for: others need the place.
func (s *Store) Sync(ctx context.Context) error {
	if s == nil {
		return nil
	}
	if err := s.disk.Trouble(); errors.Is(err, disk.ErrSlow) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, syncWait)
	defer cancel()
	return s.disk.Sync(ctx)
}
