package watch

// due is what is to be watched again.
type due struct {
	partitions map[int]struct{}
	ids        map[string]struct{} // of which too many exceptions changed to be told one by one
	glimpsed   map[int]struct{}    // partitions that are due at the next glimpseEvery
}

func newDue() due {
	return due{partitions: make(map[int]struct{}), ids: make(map[string]struct{}), glimpsed: make(map[int]struct{})}
}

// cut returns the partitions and ids, of which nothing is due then.
func (d *due) cut() (now due) {
	now = due{partitions: d.partitions, ids: d.ids}
	d.partitions, d.ids = make(map[int]struct{}), make(map[string]struct{})
	return now
}

func (d *due) empty() bool { return len(d.partitions)+len(d.ids) == 0 }

// has reports whether an id of a partition is to be watched again.
func (d *due) has(partition int, id string) bool {
	_, all := d.partitions[partition]
	_, one := d.ids[id]
	return all || one
}
