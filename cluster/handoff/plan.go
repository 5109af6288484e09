package handoff

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/host"
)

// plan is what has to be done about a partition now.
func (b *book) plan(partition int, h holding) []action {
	owner, ok := b.ring.Owner(partition)
	switch {
	case !ok:
		return nil
	case owner == b.self:
		return b.own(partition, h)
	case owes(b.ring, b.self, owner, h):
		return b.give(partition, owner, h)
	case h.role == host.Copy:
		return b.keep(partition, owner, h)
	default:
		return nil
	}
}

// own is for a partition that this node owns: it asks for it, and serves it when nothing is still
// to come.
func (b *book) own(partition int, h holding) []action {
	switch {
	case b.backed[partition] && h.role == host.Serving && !b.again, len(b.listed[partition]) > 0:
		return nil
	case !b.asked:
		return []action{{do: ask, partition: partition}}
	default:
		return b.begin(partition, h)
	}
}

// begin serves a partition, and gives it its backup. It does so only now, since the copy there,
// which is replaced, may be the last one of what was still to come.
func (b *book) begin(partition int, h holding) (todo []action) {
	_, missed := b.missed[partition]
	missed = missed && h.role == host.Held && len(b.pushed[partition]) == 0
	if missed || b.outdated(h.lapsed) {
		todo = append(todo, action{do: miss, partition: partition})
	}
	start := action{do: serve, partition: partition, promotes: h.role == host.Copy}
	switch {
	case b.doubting && b.knew, b.isAway(partition, h):
		start.do = distrust
	case h.role == host.Absent && b.formed: // participants may be there whom nobody here knows
		start.do = warm
	case b.doubting:
		start.do = doubt
	}
	if h.role != host.Serving {
		todo = append(todo, start)
	}
	backup, _ := b.ring.Backup(partition)
	return append(todo, action{do: assign, partition: partition, peer: backup})
}

// give is for what another node owns and doesn't have. A node that is left out of the ring answers
// for nothing any more, before it has pushed what it holds, and also if it can't: the owners have
// copies, and hear heartbeats that it doesn't hear. What an old disk had waits until all others
// have been asked.
func (b *book) give(partition int, owner link.Name, h holding) (todo []action) {
	if b.undecided(h.lapsed) {
		return []action{{do: ask, partition: partition}}
	}
	if b.ring.IsOut(b.self) {
		todo = append(todo, action{do: hold, partition: partition})
	}
	return append(todo, action{do: push, partition: partition, peer: owner})
}

// keep is for a copy whose owner is there.
func (b *book) keep(partition int, owner link.Name, h holding) (todo []action) {
	switch backup, _ := b.ring.Backup(partition); {
	case backup != b.self:
		if h.follows {
			todo = append(todo, action{do: leave, partition: partition, peer: next(b.ring, partition, h.source)})
		}
		return append(todo, action{do: drop, partition: partition, peer: owner})
	case !h.follows:
		return append(todo, action{do: fetch, partition: partition, peer: owner})
	default:
		return nil
	}
}

// takes reports whether a shipment of an owner to its backup is taken, if both are that in this
// node's eyes. Else the owner sends it again, when it or this node has come to see who is there.
// What this node owes is not replaced before the owner has it.
func (b *book) takes(partition int, from link.Name, h holding) bool {
	owner, _ := b.ring.Owner(partition)
	backup, _ := b.ring.Backup(partition)
	return owner == from && !owes(b.ring, b.self, owner, h) && backup == b.self
}
