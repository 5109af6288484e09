package view

import "github.com/scaiwave/presence/cluster/link"

// finder says who is to be asked about a partition, by its place among the members; ok is false
// where there is nobody at the moment.
type Finder func(partition int) (place int, ok bool)

// writers find who may carry out a write: the owner, and those who owned the partition before and
// may not have handed it over yet.
func Writers(v *View) []Finder {
	all := []Finder{v.OwnerPlace}
	for i := range v.before {
		all = append(all, v.Previous(i))
	}
	return all
}

// readers find who may answer a question: the writers, and the backup.
func Readers(v *View) []Finder { return append(Writers(v), v.backupPlace) }

// owner is who owns a partition; ok is false if nobody does.
func (v *View) Owner(partition int) (name link.Name, ok bool) {
	return v.nameAt(v.OwnerPlace(partition))
}

// backup is who owns a partition if its owner goes; ok is false if there is nobody else.
func (v *View) Backup(partition int) (name link.Name, ok bool) {
	return v.nameAt(v.backupPlace(partition))
}

// nameAt is the name of who a finder has found.
func (v *View) nameAt(place int, ok bool) (link.Name, bool) {
	if !ok {
		return link.Name{}, false
	}
	return v.Members[place].Name, true
}

// ownerPlace is a finder of the owner.
func (v *View) OwnerPlace(partition int) (place int, ok bool) {
	if v.Table == nil {
		return 0, false
	}
	return v.owning[v.Table.owners[partition]], true
}

// backupPlace is a finder of the backup.
func (v *View) backupPlace(partition int) (place int, ok bool) {
	if v.Table == nil {
		return 0, false
	}
	backup, ok := v.Table.Backup(partition)
	return v.Places[backup], ok
}

// previous finds those who owned a partition before, of the tables that are remembered: ok is false
// for one that isn't, or where it was the owner of now, or somebody who has gone.
func (v *View) Previous(change int) Finder {
	return func(partition int) (place int, ok bool) {
		if v.Table == nil || change >= len(v.before) || v.before[change].Owner(partition) == v.Table.Owner(partition) {
			return 0, false
		}
		place, ok = v.Places[v.before[change].Owner(partition)]
		return place, ok
	}
}
