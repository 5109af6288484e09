package host

import (
	"math/bits"

	"github.com/scaiwave/presence/shard"
)

// A batch is worked on in chunks: all locks of a chunk are taken at once, and all its memory is
// asked for before the first item needs it.
const chunk = 128

// touchChunk is larger, since a touch needs no work space and is over in nanoseconds.
const touchChunk = 512

// Heartbeat is one device's sign of life by name.
type Heartbeat struct {
	Participant string
	Device      string
	Activity    shard.Activity
}

// Heartbeats applies signs of life by name; outcomes[i] says how the i-th ended. A device named
// twice is beaten twice. changed are the partitions whose Mirror was given something: none in a
// steady crowd.
func (h *Host) Heartbeats(beats []Heartbeat, outcomes []shard.Outcome) (changed []int) {
	now := h.now()
	h.counters.heartbeats.Add(int64(len(beats)))
	if len(beats) == 1 {
		outcomes[0], changed = h.heartbeat(now, &beats[0])
		return changed
	}
	for len(beats) > 0 {
		n := min(chunk, len(beats))
		changed = h.heartbeats(now, beats[:n], outcomes[:n], changed)
		beats, outcomes = beats[n:], outcomes[n:]
	}
	return changed
}

// heartbeat is one alone, which needs no work space.
func (h *Host) heartbeat(now shard.Tick, beat *Heartbeat) (o shard.Outcome, changed []int) {
	k := shard.KeyOf(beat.Participant)
	n := h.partitionOf(k)
	s := h.lock(n)
	defer s.Unlock()
	if !h.answer(n).fromOwner() {
		return shard.NotMine, nil
	}
	o = h.partitions[n].Heartbeat(now, k, beat.Device, beat.Activity, h.stampAt(now))
	if h.publish(s, n) {
		changed = append(changed, n)
	}
	return o, changed
}

func (h *Host) heartbeats(now shard.Tick, beats []Heartbeat, outcomes []shard.Outcome, changed []int) []int {
	var b batch
	for i := range beats {
		b.add(h, i, beats[i].Participant)
	}
	b.lock(h)
	defer b.unlock(h)
	b.aheadRecords(h, len(beats))
	kept := uint32(0)
	for i := range beats {
		kept += h.memory(int(b.partitions[i])).AheadNames(b.names[i], len(beats[i].Participant)+1+len(beats[i].Device))
	}
	for i := range beats {
		kept += h.memory(int(b.partitions[i])).AheadPulse(b.keys[i])
	}
	b.kept = kept
	stamp := h.stampAt(now)
	for i := range beats {
		n := int(b.partitions[i])
		if !h.answer(n).fromOwner() {
			outcomes[i] = shard.NotMine
			continue
		}
		outcomes[i] = h.partitions[n].Heartbeat(now, b.keys[i], beats[i].Device, beats[i].Activity, stamp)
		if h.publish(&h.stripes[n%stripeCount], n) {
			changed = append(changed, n)
		}
	}
	return changed
}

// stampAt is a new version as of a tick, which saves another look at the clock. A stripe must be
// locked.
func (h *Host) stampAt(now shard.Tick) shard.Version { return h.stamps.at(h.settings.Time(now)) }

// Touch applies heartbeats by handle of devices whose activity is what it was.
func (h *Host) Touch(handles []Handle, outcomes []shard.Outcome) {
	now := h.now()
	h.counters.heartbeats.Add(int64(len(handles)))
	for len(handles) > 0 {
		n := min(touchChunk, len(handles))
		h.touch(now, handles[:n], outcomes[:n])
		handles, outcomes = handles[n:], outcomes[n:]
	}
}

func (h *Host) touch(now shard.Tick, handles []Handle, outcomes []shard.Outcome) {
	var b batch
	for i := range handles {
		b.stripes |= 1 << (handles[i].Partition % stripeCount)
	}
	b.lock(h)
	defer b.unlock(h)
	for i, handle := range handles {
		outcomes[i] = shard.Moved
		if int(handle.Partition) < len(h.partitions) && h.tenancies[handle.Partition].role == Serving {
			outcomes[i] = h.memory(int(handle.Partition)).Touch(now, handle.Ref)
		}
	}
}

// States answers what viewer sees of each id; an empty viewer is a stranger. A copy may answer too:
// it has all that was acknowledged. Of what is neither served nor copied it says absent, and how
// many ids those are.
func (h *Host) States(viewer string, ids []string, states []shard.State, absent shard.State) (missing int) {
	h.now() // a gap is noticed before anything is said
	v := h.Viewer(viewer)
	for len(ids) > 0 {
		n := min(chunk, len(ids))
		missing += h.states(v, ids[:n], states[:n], absent)
		ids, states = ids[n:], states[n:]
	}
	return missing
}

func (h *Host) states(viewer shard.Viewer, ids []string, states []shard.State, absent shard.State) (missing int) {
	var b batch
	for i, id := range ids {
		b.add(h, i, id)
	}
	b.lock(h)
	defer b.unlock(h)
	b.aheadRecords(h, len(ids))
	kept := uint32(0)
	for i, id := range ids {
		kept += h.memory(int(b.partitions[i])).AheadNames(b.names[i], len(id))
	}
	b.kept = kept
	for i := range ids {
		n := b.partitions[i]
		if h.answer(int(n)) == Missing {
			states[i] = absent
			missing++
			continue
		}
		states[i] = h.partitions[n].State(b.keys[i], viewer)
	}
	return missing
}

// batch is the work space of a chunk. It lies on the stack.
type batch struct {
	keys       [chunk]shard.Key
	partitions [chunk]uint16
	stripes    uint64 // those of the partitions

	kept  uint32 // means nothing; see shard.Partition.AheadCell
	names [chunk]uint32
}

func (b *batch) add(h *Host, i int, id string) {
	b.keys[i] = shard.KeyOf(id)
	b.partitions[i] = uint16(h.partitionOf(b.keys[i]))
	b.stripes |= 1 << (b.partitions[i] % stripeCount)
}

func (b *batch) lock(h *Host) {
	for s := b.stripes; s != 0; s &= s - 1 {
		h.stripes[bits.TrailingZeros64(s)].Lock()
	}
}

func (b *batch) unlock(h *Host) {
	for s := b.stripes; s != 0; s &= s - 1 {
		h.stripes[bits.TrailingZeros64(s)].Unlock()
	}
}

// aheadRecords asks for the memory of the first n items up to their records, one link of all of
// them at a time; see shard.Partition.AheadCell.
func (b *batch) aheadRecords(h *Host, n int) {
	kept := uint32(0)
	for i := range n {
		kept += h.partitions[b.partitions[i]].AheadCell(b.keys[i])
	}
	for i := range n {
		h.partitions[b.partitions[i]].AheadIndex(&b.keys[i])
	}
	for i := range n {
		kept += h.memory(int(b.partitions[i])).AheadRecord(b.keys[i])
	}
	b.kept = kept
	for i := range n {
		b.names[i] = h.memory(int(b.partitions[i])).NamesOf(b.keys[i])
	}
}
