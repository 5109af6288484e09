package host

import (
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Role is what a partition is to this node.
//
//	            Fill            Serve (promoted)
//	Absent ───────────▶ Copy ───────────────────▶ Serving
//	  ▲ │           Claim│ ▲ Yield                 │  ▲
//	  │ │                ▼ │                       │  │
//	  │ └─ Merge, Load ─▶ Held ◀────────── Hold ───┘  │ Serve
//	  └──────── Drop ──────┴──────────────────────────┘
type Role uint8

// The roles. Only what is Serving is answered for, and expires.
const (
	Absent  Role = iota // nothing is known of it
	Copy                // it follows another node's
	Held                // its state is here, but not, or not surely, the right to serve it
	Serving             // it is this node's
)

var roleNames = [...]string{"absent", "copy", "held", "serving"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("Role(%d)", r)
}

// ErrNoCopy is returned for records that don't fit: the owner has to send everything.
var ErrNoCopy = errors.New("host: no copy of that owner's partition here")

// tenancy is what a host knows of a partition besides its state. It is guarded by the partition's stripe.
type tenancy struct {
	role     Role
	source   uint64              // of a copy: whose it is
	stale    bool                // something may be missing here that was acknowledged: a copy doesn't follow, or the rest was lost
	warm     shard.Tick          // until when an absent participant is unknown, not offline; 0: not at all
	unpicked map[uint64]struct{} // while it is warm: hashes of those who are known to have picked nothing
	interest interest            // made when somebody watches
}

// answers says whether a question may be answered from what is here: a copy that follows has all that was acknowledged.
func (t *tenancy) answers() bool {
	return t.role == Serving || t.role == Copy && !t.stale
}

// sure returns a state, or Unknown while others may know more: an absent participant may be there,
// and if something is missing here, a present one may have picked something. The stripe is locked.
func (h *Host) sure(partition int, k shard.Key, s shard.State) shard.State {
	if t := &h.tenancies[partition]; t.warm > 0 && (s == shard.Offline || t.stale && !h.settled(partition, k)) {
		return shard.Unknown
	}
	return s
}

// settled says whether it is known what somebody has picked. The stripe is locked.
func (h *Host) settled(partition int, k shard.Key) bool {
	_, unpicked := h.tenancies[partition].unpicked[k.Hash]
	return unpicked || h.partitions[partition].Settled(k)
}

// mayHide says whether something may be missing that freezes what others are told of when somebody was last there: of an AI too, though
// it is online whatever it has picked. The stripe is locked.
func (h *Host) mayHide(partition int, k shard.Key) bool {
	t := &h.tenancies[partition]
	_, unpicked := t.unpicked[k.Hash]
	return t.warm > 0 && t.stale && h.partitions[partition].MayHide(k, unpicked)
}

// noteUnpicked notes who is known to have picked nothing, for as long as that matters.
func (t *tenancy) noteUnpicked(k shard.Key) {
	if t.warm == 0 {
		return
	}
	if t.unpicked == nil {
		t.unpicked = make(map[uint64]struct{})
	}
	t.unpicked[k.Hash] = struct{}{}
}

// Role is what a partition is to this node.
func (h *Host) Role(partition int) Role {
	defer h.lock(partition).Unlock()
	return h.tenancies[partition].role
}

// Serve begins to answer for a partition, with what is here of it, and to report its changes to the Mirror. If something may be
// missing, who isn't known to be there is unknown for a deadline, the time in which whoever is there says so.
func (h *Host) Serve(partition int) { h.serve(partition, served) }

// Warm is Serve for a partition that has been lost: everything may be missing.
func (h *Host) Warm(partition int) { h.serve(partition, lost) }

// Doubt is Serve where others may know more: an absent participant is unknown for a deadline.
// Nothing is missing of what was acknowledged here.
func (h *Host) Doubt(partition int) { h.serve(partition, doubted) }

// How a partition begins to be served.
type beginning byte

const (
	served beginning = iota
	lost
	doubted
)

// Trust ends the doubt of all partitions of which nothing is missing.
func (h *Host) Trust(partitions []int) {
	for _, i := range partitions {
		s := h.lock(i)
		h.trust(i)
		s.Unlock()
	}
}

// trust ends the doubt of a partition, if there is one. The stripe is locked.
func (h *Host) trust(partition int) {
	if t := &h.tenancies[partition]; t.doubted() {
		t.warm, t.unpicked = 0, nil
		h.tellMoved(partition)
	}
}

// doubted reports whether it is served with nothing missing, but others may know more.
func (t *tenancy) doubted() bool { return t.role == Serving && t.warm > 0 && !t.stale }

func (h *Host) serve(partition int, as beginning) {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	t, p := &h.tenancies[partition], h.partitions[partition]
	if t.role == Serving {
		return
	}
	if t.role == Copy {
		p.Promote(now)
	}
	if t.stale = t.stale || as == lost; t.stale || as == doubted {
		t.warm = now + h.settings.Deadline + 1
	}
	t.role = Serving
	p.Mirror(h.mirror != nil)
	h.publish(s, partition)
}

// StayWarm has what may miss something go on saying so for a whole deadline more.
func (h *Host) StayWarm() {
	now := h.now()
	for i := range h.tenancies {
		s := h.lock(i)
		if t := &h.tenancies[i]; t.warm > 0 {
			t.warm = now + h.settings.Deadline + 1
		}
		s.Unlock()
	}
}

// cool ends the warming whose time has come. The stripe is locked.
func (h *Host) cool(now shard.Tick, partition int) {
	if t := &h.tenancies[partition]; t.warm > 0 && t.warm <= now {
		t.warm, t.stale, t.unpicked = 0, false, nil
		h.tellMoved(partition)
	}
}

// Hold ceases to answer for a partition but keeps its state. Sinks are told: whoever watched it must watch at its owner.
func (h *Host) Hold(partition int) {
	s := h.lock(partition)
	defer s.Unlock()
	h.hold(partition)
}

func (h *Host) hold(partition int) {
	t := &h.tenancies[partition]
	if t.role != Serving {
		return
	}
	t.role, t.warm, t.unpicked = Held, 0, nil
	h.tellMoved(partition)
	t.interest = nil
}

// Claim makes a copy, whose owner has gone, this node's own: it is held, as what Hold leaves behind.
func (h *Host) Claim(partition int) {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	if t := &h.tenancies[partition]; t.role == Copy {
		h.partitions[partition].Promote(now)
		t.role = Held
		h.publish(s, partition)
	}
}

// Yield makes what is held, and was taken over by source, a copy of that owner's: one more until its backup has it. It doesn't
// follow, and answers nothing, before it is filled.
func (h *Host) Yield(partition int, source uint64) {
	s := h.lock(partition)
	defer s.Unlock()
	if t := &h.tenancies[partition]; t.role == Held {
		h.partitions[partition].Demote()
		t.role, t.source, t.stale = Copy, source, true
		h.publish(s, partition)
	}
}

// Stale says that a copy doesn't follow its owner any more: it answers nothing until it is filled again.
func (h *Host) Stale(partition int) {
	defer h.lock(partition).Unlock()
	if t := &h.tenancies[partition]; t.role == Copy {
		t.stale = true
	}
}

// DropCopy forgets a copy that doesn't follow, and says whether there was one; what is more than that stays.
func (h *Host) DropCopy(partition int) bool {
	s := h.lock(partition)
	defer s.Unlock()
	if t := &h.tenancies[partition]; t.role != Copy || !t.stale {
		return false
	}
	h.drop(s, partition)
	return true
}

// Source is whose copy a partition is, and whether it follows.
func (h *Host) Source(partition int) (source uint64, follows bool) {
	defer h.lock(partition).Unlock()
	t := &h.tenancies[partition]
	return t.source, t.role == Copy && !t.stale
}

// Whole says whether all is here that was acknowledged in a partition, as far as this node knows.
func (h *Host) Whole(partition int) bool {
	defer h.lock(partition).Unlock()
	return h.tenancies[partition].whole()
}

func (t *tenancy) whole() bool { return t.role != Absent && !t.stale }

// tellMoved tells the sinks that watch something in a partition. The stripe is locked.
func (h *Host) tellMoved(partition int) {
	var all sinkSet
	for _, set := range h.tenancies[partition].interest {
		for i := range all {
			all[i] |= set[i]
		}
	}
	all.each(func(id SinkID) { h.sinks.get(id).putMoved(partition) })
}

// Drop forgets a partition.
func (h *Host) Drop(partition int) {
	s := h.lock(partition)
	defer s.Unlock()
	h.drop(s, partition)
}

func (h *Host) drop(s *stripe, partition int) {
	h.hold(partition)
	h.renew(partition, shard.New)
	t := &h.tenancies[partition]
	t.role, t.stale = Absent, false
	h.publish(s, partition)
}

// renew replaces a partition by an empty one.
func (h *Host) renew(partition int, make maker) {
	next := h.successor(partition, make)
	h.partitions[partition].Leave(h.left.add)
	h.partitions[partition] = next
}

// maker is shard.New or shard.NewCopy.
type maker func(*shard.Settings, int, shard.Tick) *shard.Partition

// successor is an empty partition whose handles and orders don't fit those of the one that is here. It succeeds while it is empty: a
// slot that is in use has its generation already.
func (h *Host) successor(partition int, make maker) *shard.Partition {
	p := make(&h.settings, partition, h.lately())
	p.Succeed(h.partitions[partition])
	return p
}

// Snapshot writes a partition, to be merged at another node or to fill a copy there, and says whether it is whole.
func (h *Host) Snapshot(partition int) (snapshot []byte, whole bool) {
	h.now()
	defer h.lock(partition).Unlock()
	return h.snapshot(partition), h.tenancies[partition].whole()
}

// SnapshotInto is Snapshot that gives it to take before anything else happens to it; take must neither wait nor call the host.
func (h *Host) SnapshotInto(partition int, take func(snapshot []byte, whole bool)) {
	h.now()
	defer h.lock(partition).Unlock()
	take(h.snapshot(partition), h.tenancies[partition].whole())
}

// snapshot is as of the latest look at the clock: one from before the stripe was locked may be older than a sign of life. The
// stripe is locked.
func (h *Host) snapshot(partition int) []byte {
	return h.partitions[partition].Snapshot(h.lately(), h.stamps.next())
}

// Merge takes in a snapshot of a partition, which is held from then on unless it is served; whole is what Snapshot said of it. A
// copy of from's is replaced: its owner knows better. A damaged snapshot, or one from a node whose clock is over a minute ahead,
// changes nothing.
func (h *Host) Merge(partition int, from uint64, snapshot []byte, whole bool) error {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	if err := shard.CheckSnapshot(now, snapshot, h.stamps.ceiling()); err != nil {
		return err
	}
	h.settleCopy(now, partition, from)
	top, err := h.partitions[partition].Merge(now, snapshot, h.stamps.ceiling())
	if err != nil {
		return err
	}
	if t := &h.tenancies[partition]; t.role != Serving {
		t.stale = !whole && !t.whole()
		t.role = Held
	} else if whole {
		h.trust(partition) // what others know has come
	}
	h.publish(s, partition)
	return h.stamps.observe(top)
}

// settleCopy makes what is here ready for a merge.
func (h *Host) settleCopy(now shard.Tick, partition int, from uint64) {
	t := &h.tenancies[partition]
	switch {
	case t.role == Copy && t.source == from:
		h.renew(partition, shard.New)
		t.role = Absent
	case t.role == Copy:
		h.partitions[partition].Promote(now)
	}
}

// Fill makes a copy of a partition of another node; one that isn't whole there doesn't answer here. What this node serves or holds
// itself is more than a copy, and stays.
func (h *Host) Fill(partition int, source uint64, snapshot []byte, whole bool) error {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	t := &h.tenancies[partition]
	if t.role == Serving || t.role == Held {
		return fmt.Errorf("%w: partition %d is %v", ErrNoCopy, partition, t.role)
	}
	p := h.successor(partition, shard.NewCopy)
	top, err := p.Fill(now, 0, snapshot, h.stamps.ceiling())
	if err != nil {
		return err
	}
	h.partitions[partition].Leave(h.left.add)
	h.partitions[partition] = p
	t.role, t.source, t.stale = Copy, source, !whole
	h.publish(s, partition)
	return h.stamps.observe(top)
}

// Apply takes records into a copy that follows source.
func (h *Host) Apply(partition int, source uint64, records []byte) error {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	if t := &h.tenancies[partition]; t.role != Copy || t.source != source {
		return fmt.Errorf("%w: partition %d is %v", ErrNoCopy, partition, t.role)
	}
	top, err := h.partitions[partition].Apply(now, 0, records, h.stamps.ceiling())
	h.publish(s, partition)
	return errors.Join(err, h.stamps.observe(top))
}

// Load takes in records that a disk kept, written at a time by the wall clock. It is for a host that hasn't started;
// Lapse must follow.
func (h *Host) Load(partition int, written time.Time, records []byte) error {
	if err := h.checkPartition(partition); err != nil {
		return err
	}
	return h.load(partition, func(p *shard.Partition, now shard.Tick) (shard.Version, error) {
		return p.Apply(now, h.since(written), records, h.stamps.ceiling())
	})
}

// LoadSnapshot is Load of everything: what was loaded of the partition before doesn't count any more; whole is what Snapshot said of
// it. A damaged one changes nothing.
func (h *Host) LoadSnapshot(partition int, written time.Time, snapshot []byte, whole bool) error {
	if err := shard.CheckSnapshot(h.now(), snapshot, h.stamps.ceiling()); err != nil {
		return err
	}
	if err := h.Unload(partition); err != nil {
		return err
	}
	return h.load(partition, func(p *shard.Partition, now shard.Tick) (shard.Version, error) {
		h.tenancies[partition].stale = !whole
		return p.Fill(now, h.since(written), snapshot, h.stamps.ceiling())
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

func (h *Host) since(written time.Time) shard.Tick {
	return shard.Tick(max(h.stamps.wall().Sub(written), 0) / h.tick)
}

func (h *Host) load(partition int, take func(p *shard.Partition, now shard.Tick) (shard.Version, error)) error {
	now := h.now() // not under the lock: reading a large file is a gap
	defer h.lock(partition).Unlock()
	t := &h.tenancies[partition]
	if t.role == Absent {
		h.renew(partition, shard.NewCopy)
		t.role = Copy
	}
	top, err := take(h.partitions[partition], now)
	return errors.Join(err, h.stamps.observe(top))
}

// Lapse ends loading: nobody is there any more, and what was loaded is held.
func (h *Host) Lapse() {
	for i := range h.tenancies {
		s := h.lock(i)
		if t := &h.tenancies[i]; t.role == Copy {
			h.partitions[i].Lapse()
			t.role = Held
			h.publish(s, i)
		}
		s.Unlock()
	}
}

// Outdate has something be missing in all that is held: others have served since it was written.
// What is doubted is held, too: it answers nothing before it has come from them.
func (h *Host) Outdate() {
	for i := range h.tenancies {
		s := h.lock(i)
		t := &h.tenancies[i]
		if t.doubted() {
			h.hold(i)
		}
		if t.role == Held {
			t.stale = true
		}
		s.Unlock()
	}
}

// Check verifies what must always hold in every partition.
func (h *Host) Check() error {
	for i := range h.partitions {
		s := h.lock(i)
		err := h.partitions[i].Check()
		s.Unlock()
		if err != nil {
			return fmt.Errorf("partition %d: %w", i, err)
		}
	}
	return nil
}

func (h *Host) checkPartition(n int) error {
	if n < 0 || n >= len(h.partitions) {
		return fmt.Errorf("host: partition %d; there are %d", n, len(h.partitions))
	}
	return nil
}

// Miss has something be missing in a partition that is held.
func (h *Host) Miss(partition int) {
	defer h.lock(partition).Unlock()
	if t := &h.tenancies[partition]; t.role == Held {
		t.stale = true
	}
}
