package host

import (
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Load takes in records that a disk kept, written at a time by the wall clock. It is for a host
// that hasn't started; Lapse must follow.
func (h *Host) Load(partition int, written time.Time, records []byte) error {
	if err := h.checkPartition(partition); err != nil {
		return err
	}
	late := h.since(written)
	return h.load(partition, func(p *shard.Partition, now shard.Tick) (shard.Version, error) {
		return p.Apply(now, late, records, h.stamps.ceiling())
	})
}

// LoadSnapshot is Load of everything: what was loaded of the partition before doesn't count any
// more. whole is what Snapshot returned with it. A damaged one changes nothing.
func (h *Host) LoadSnapshot(partition int, written time.Time, snapshot []byte, whole bool) error {
	if err := shard.CheckSnapshot(h.now(), snapshot, h.stamps.ceiling()); err != nil {
		return err
	}
	if err := h.Unload(partition); err != nil {
		return err
	}
	late := h.since(written)
	return h.load(partition, func(p *shard.Partition, now shard.Tick) (shard.Version, error) {
		p.SetWhole(whole)
		return p.Fill(now, late, snapshot, h.stamps.ceiling())
	})
}

// Unload forgets what was loaded of a partition.
func (h *Host) Unload(partition int) error {
	if err := h.checkPartition(partition); err != nil {
		return err
	}
	h.Drop(partition)
	return nil
}

func (h *Host) checkPartition(n int) error {
	if n < 0 || n >= len(h.partitions) {
		return fmt.Errorf("host: partition %d; there are %d", n, len(h.partitions))
	}
	return nil
}

func (h *Host) since(written time.Time) shard.Tick {
	return shard.Tick(max(h.stamps.wall().Sub(written), 0) / h.tick)
}

func (h *Host) load(partition int, take func(p *shard.Partition, now shard.Tick) (shard.Version, error)) error {
	now := h.now() // not under the lock: reading a large file is a gap
	defer h.lock(partition).Unlock()
	t := &h.tenancies[partition]
	role, err := t.role.after(load)
	if err != nil {
		return err
	}
	if t.role == Absent {
		h.replace(partition, h.successor(partition, shard.NewCopy))
	}
	t.role = role
	top, err := take(h.partitions[partition], now)
	return errors.Join(err, h.stamps.observe(top))
}

// Lapse ends loading: no device is live, and what was loaded is held.
func (h *Host) Lapse() {
	for i := range h.tenancies {
		s := h.lock(i)
		if _, moved := h.move(i, lapse); moved {
			h.partitions[i].Lapse()
			h.tenancies[i].lapsed = true
			h.publish(s, i)
		}
		s.Unlock()
	}
}

// LeftUnknown notes that the files may have any id, until they are written anew.
func (h *Host) LeftUnknown() { h.left.unknown.Store(true) }

// MayHaveLeft reports whether the files may have an id, by its hash, that isn't in memory.
func (h *Host) MayHaveLeft(hash uint64) bool { return h.left.has(hash) }

// Rewrite writes files anew by write. Participants that left before the last time aren't in them.
// Those that left since may be, as what was on its way to the old files then has come to the new
// ones.
func (h *Host) Rewrite(write func() error) error { return h.left.rewrite(write) }
