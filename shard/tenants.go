package shard

// Participants of tenants came after the others, and nodes that knew none took an id of one for
// damage. So snapshots and records have no such id:
//
//	snapshot, records   participants without a tenant; erasures, which are hashes
//	extras              participants of tenants: recordTenant; and all cells: recordExtra
//
// A recordTenant has another record in it: an account, in a snapshot with its windows, or a window.
// Both ends of a window are of one tenant, so no window of the others names one.

// appendTenants writes all participants of tenants, with their windows and devices.
func (p *Partition) appendTenants(b []byte, now Tick) []byte {
	all := p.sorted(true)
	if len(all) == 0 {
		return b
	}
	until := p.lingerEnds()
	for _, who := range all {
		b = appendLong(b, recordTenant, p.appendParticipant([]byte{recordAccount}, now, who, until, true))
	}
	return b
}

// ofTenant reads what is in a recordTenant. What isn't known of it is of versions to come.
func (r *reader) ofTenant(t taker) {
	if kind := r.Byte(); kind == recordAccount || kind == recordWindow {
		r.change(kind, t)
	}
}
