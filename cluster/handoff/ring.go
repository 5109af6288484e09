package handoff

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
)

// ring is what a plan needs to know of a view.
type ring interface {
	Owner(partition int) (name link.Name, ok bool)
	Backup(partition int) (name link.Name, ok bool)
	Others(self link.Name) []link.Name // all that may hold partitions
	IsThere(source uint64) bool        // among the members, and not left out
	IsOut(name link.Name) bool         // serving, and left out of the ring
	IsJoining(name link.Name) bool
}

// holding is what this node has of a partition.
type holding struct {
	role    host.Role
	source  uint64 // of a copy: whose it is
	follows bool   // of a copy: it has all that its owner acknowledged
	lapsed  bool   // of what is held: it is from a disk, and nothing else has come
}

// next is the node that has more than a former copy of source's as soon as it has anything: the
// next owner, or the next backup.
func next(r ring, partition int, source uint64) link.Name {
	owner, _ := r.Owner(partition)
	if view.SourceOf(owner) != source {
		return owner
	}
	backup, _ := r.Backup(partition)
	return backup
}

// owes reports whether what is here of a partition of another owner is more than a copy that this
// one keeps. It is what this node served, or the copy of an owner that has gone, or was left out.
// That may be the last one, or the last that a way leads to, even if it doesn't follow any more.
func owes(r ring, self, owner link.Name, h holding) bool {
	switch h.role {
	case host.Serving, host.Held:
		return owner != self
	case host.Copy:
		return owner != self && !r.IsThere(h.source)
	default:
		return false
	}
}
