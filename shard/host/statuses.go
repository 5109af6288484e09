package host

import "github.com/scaiwave/presence/shard"

// Statuses is JudgedStates with what else is asked for.
func (h *Host) Statuses(viewer string, asked []Judged, with shard.With, answers []shard.Seen, absent shard.State) {
	h.now() // a gap is noticed before anything is said
	v := h.Viewer(viewer)
	for len(asked) > 0 {
		n := min(chunk, len(asked))
		h.statuses(v, asked[:n], with, answers[:n], absent)
		asked, answers = asked[n:], answers[n:]
	}
}

func (h *Host) statuses(
	viewer shard.Viewer, asked []Judged, with shard.With, answers []shard.Seen, absent shard.State,
) {
	var b batch
	for i := range asked {
		b.add(h, i, asked[i].ID)
	}
	b.lock(h)
	defer b.unlock(h)
	now := h.lately()
	b.aheadRecords(h, len(asked))
	kept := uint32(0)
	for i := range asked {
		kept += h.memory(int(b.partitions[i])).AheadNames(b.names[i], len(asked[i].ID))
	}
	b.kept = kept
	b.aheadSaid(h, len(asked))
	for i := range asked {
		n := int(b.partitions[i])
		if answers[i] = (shard.Seen{State: absent}); h.answer(n) != Missing {
			answers[i] = h.partitions[n].Seen(now, b.keys[i], viewer, asked[i].Said, with)
		}
	}
}

// aheadSaid asks for the first statements of the first n items, after aheadRecords.
func (b *batch) aheadSaid(h *Host, n int) {
	kept, slots := uint32(0), [chunk]uint32{}
	for i := range n {
		kept += h.memory(int(b.partitions[i])).AheadSaid(b.keys[i])
	}
	for i := range n {
		slots[i] = h.memory(int(b.partitions[i])).SaidOf(b.keys[i])
	}
	for i := range n {
		slots[i] = h.memory(int(b.partitions[i])).WordsOf(slots[i])
	}
	for i := range n {
		kept += h.memory(int(b.partitions[i])).AheadNames(slots[i], wordsAhead)
	}
	b.kept = kept
}

// wordsAhead is how many bytes of a status are asked for: most have no more.
const wordsAhead = 40
