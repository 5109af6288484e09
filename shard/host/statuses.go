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
	for i := range asked {
		kept += h.memory(int(b.partitions[i])).AheadSaid(b.keys[i])
	}
	b.kept = kept
	for i := range asked {
		n := int(b.partitions[i])
		if answers[i] = (shard.Seen{State: absent}); h.answer(n) != Missing {
			answers[i] = h.partitions[n].Seen(now, b.keys[i], viewer, asked[i].Said, with)
		}
	}
}
