package view

import "github.com/scaiwave/presence/cluster/link"

// Finder returns the node to ask about a partition, by its place among the members. ok is false if
// there is none at the moment.
type Finder func(partition int) (place int, ok bool)

// Writers find the nodes that may carry out a write: the owner, and those that owned the partition
// before and may not have handed it over yet.
func Writers(v *View) []Finder { return v.finders[: len(v.finders)-1 : len(v.finders)-1] }

// Readers find the nodes that may answer a question: the writers, and the backup.
func Readers(v *View) []Finder { return v.finders }

// newFinders are those of Readers, the backup last.
func (v *View) newFinders() []Finder {
	all := []Finder{v.OwnerPlace}
	for i := range v.before {
		all = append(all, v.Previous(i))
	}
	return append(all, v.backupPlace)
}

// Owner is the node that owns a partition. ok is false if none does.
func (v *View) Owner(partition int) (name link.Name, ok bool) {
	return v.nameAt(v.OwnerPlace(partition))
}

// Backup is the node that owns a partition if its owner goes. ok is false if there is no other
// node.
func (v *View) Backup(partition int) (name link.Name, ok bool) {
	return v.nameAt(v.backupPlace(partition))
}

// nameAt is the name of the node that a Finder has found.
func (v *View) nameAt(place int, ok bool) (link.Name, bool) {
	if !ok {
		return link.Name{}, false
	}
	return v.Members[place].Name, true
}

// OwnerPlace is the Finder of the owner.
func (v *View) OwnerPlace(partition int) (place int, ok bool) {
	if v.Table == nil {
		return 0, false
	}
	return v.owning[v.Table.owners[partition]], true
}

// backupPlace is the Finder of the backup.
func (v *View) backupPlace(partition int) (place int, ok bool) {
	if v.Table == nil {
		return 0, false
	}
	backup, ok := v.Table.Backup(partition)
	return v.Places[backup], ok
}

// Previous finds the node that owned a partition some changes ago: 0 is before the latest one. ok
// is false if that table isn't remembered, if the owner was the same, or if it has gone.
func (v *View) Previous(change int) Finder {
	return func(partition int) (place int, ok bool) {
		if v.Table == nil || change >= len(v.before) || v.before[change].Owner(partition) == v.Table.Owner(partition) {
			return 0, false
		}
		place, ok = v.Places[v.before[change].Owner(partition)]
		return place, ok
	}
}
