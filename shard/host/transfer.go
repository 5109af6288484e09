package host

import (
	"errors"
	"fmt"

	"github.com/scaiwave/presence/shard"
)

// ErrNoCopy is returned for records that don't fit: the owner has to send everything.
var ErrNoCopy = errors.New("host: no copy of that owner's partition here")

// Snapshot writes a partition, to be merged at another node or to fill a copy there, and reports
// whether it is whole. What is served in doubt isn't: a copy would answer without.
func (h *Host) Snapshot(partition int) (snapshot []byte, whole bool) {
	h.SnapshotInto(partition, func(b []byte, all bool) { snapshot, whole = b, all && !h.doubted(partition) })
	return snapshot, whole
}

// SnapshotInto is Snapshot for a disk. It gives it to take before anything else happens to the
// partition. take must neither wait nor call the host.
func (h *Host) SnapshotInto(partition int, take func(snapshot []byte, whole bool)) {
	h.now() // a gap is noticed before anything is said
	defer h.lock(partition).Unlock()
	// As of the latest look at the clock: an earlier one may be older than a sign of life.
	p := h.partitions[partition]
	now := h.lately()
	take(shard.Extended(p.Snapshot(now, h.stamps.next()), p.Extras(now, nil)), h.whole(partition))
}

// Merge takes in a snapshot of a partition, which is held from then on unless it is served; whole
// is what Snapshot returned with it. A copy of from's is replaced: its owner knows better. A
// damaged snapshot, or one from a node whose clock is over a minute ahead, changes nothing.
func (h *Host) Merge(partition int, from uint64, snapshot []byte, whole bool) error {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	role, err := h.tenancies[partition].role.after(merge)
	if err != nil {
		return err
	}
	ceiling := h.stamps.ceiling()
	if err := shard.CheckSnapshot(now, snapshot, ceiling); err != nil {
		return err
	}
	here := h.prepare(now, partition, from)
	top, err := h.partitions[partition].Merge(now, snapshot, ceiling)
	if err != nil {
		return err
	}
	t := &h.tenancies[partition]
	t.lapsed = t.lapsed && !whole
	if role != Serving {
		h.partitions[partition].SetWhole(whole || here)
		t.told = whole || t.told && t.role == Held
	} else if whole {
		h.trust(partition) // what others know has come
	}
	t.role = role
	h.publish(s, partition)
	return h.stamps.observe(top)
}

// prepare makes what is here ready for a merge, and reports whether it is whole.
func (h *Host) prepare(now shard.Tick, partition int, from uint64) (whole bool) {
	switch t := &h.tenancies[partition]; {
	case t.role == Copy && t.source == from:
		h.replace(partition, h.successor(partition, shard.New))
		return false
	case t.role == Copy:
		h.partitions[partition].Promote(now)
	}
	return h.whole(partition)
}

// Fill makes a copy of a partition of another node. One that isn't whole there doesn't answer here.
// What this node serves or holds itself is more than a copy, and stays.
func (h *Host) Fill(partition int, source uint64, snapshot []byte, whole bool) error {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	t := &h.tenancies[partition]
	role, err := t.role.after(fill)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoCopy, err)
	}
	p := h.successor(partition, shard.NewCopy)
	top, err := p.Fill(now, 0, snapshot, h.stamps.ceiling())
	if err != nil {
		return err
	}
	p.SetWhole(whole)
	h.replace(partition, p)
	t.role, t.source = role, source
	h.publish(s, partition)
	return h.stamps.observe(top)
}

// Apply takes records into a copy that follows source.
func (h *Host) Apply(partition int, source uint64, records []byte) error {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	t := &h.tenancies[partition]
	if _, err := t.role.after(apply); err != nil {
		return fmt.Errorf("%w: %w", ErrNoCopy, err)
	}
	if t.source != source {
		return ErrNoCopy
	}
	top, err := h.partitions[partition].Apply(now, 0, records, h.stamps.ceiling())
	h.publish(s, partition)
	return errors.Join(err, h.stamps.observe(top))
}
