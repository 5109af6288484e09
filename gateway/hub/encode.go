package hub

import (
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// AppendTo appends the members of a message that tells the snapshot: states and, if they were
// asked for, the statuses of those who have one.
func (s *Snapshot) AppendTo(b []byte) []byte {
	b = wire.AppendStates(append(b, `"states":`...), s.List, s.States)
	if s.Statuses == nil {
		return b
	}
	return wire.AppendStatuses(append(b, `,"statuses":`...), s.List, func(i int) *shard.Status { return s.Statuses[i] })
}

// AppendTo is AppendChanges of one.
func (c *Change) AppendTo(b []byte) []byte {
	if c.Parts == StateChanged { // nearly all of them
		b = wire.AppendMember(append(b, `"states":{`...), c.Of, c.State)
		return append(b, '}')
	}
	return AppendChanges(b, []Change{*c})
}

// AppendChanges appends the members of a message that tells changes: states, of which there may be
// none, and statuses, if one of the subscriptions is with status. One that has ended is null.
func AppendChanges(b []byte, changes []Change) []byte {
	b = append(b, `"states":{`...)
	first, all := len(b), Part(0)
	for i := range changes {
		c := &changes[i]
		if all |= c.Parts; c.Parts&StateChanged != 0 {
			b = wire.AppendMember(next(b, first), c.Of, c.State)
		}
	}
	b = append(b, '}')
	if all&WithStatus == 0 {
		return b
	}
	b = append(b, `,"statuses":{`...)
	first = len(b)
	for i := range changes {
		if c := &changes[i]; c.Parts&StatusChanged != 0 {
			b = wire.AppendStatusMember(next(b, first), c.Of, c.Status)
		}
	}
	return append(b, '}')
}

// next begins another member of an object whose members begin at first.
func next(b []byte, first int) []byte {
	if len(b) > first {
		b = append(b, ',')
	}
	return b
}
