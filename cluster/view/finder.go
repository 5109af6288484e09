package view

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
