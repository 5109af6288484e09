package tenant

import "github.com/scaiwave/presence/shard"

// Name is the name of a tenant. The empty one is that of participants who belong to none.
type Name string

// Participant is a participant of its tenant, by the id that owners know. The empty one is nobody:
// a stranger, or a caller that isn't known.
type Participant string

// Participant is the participant of the tenant by that id; the id is valid.
func (n Name) Participant(id string) Participant { return Participant(shard.InnerID(string(n), id)) }

// Front is how many bytes stand before an id of the tenant.
func (n Name) Front() int { return len(n.Participant("")) }

// Tenant is the participant's.
func (p Participant) Tenant() Name {
	name, _ := shard.SplitInnerID(string(p))
	return Name(name)
}

// ID is the participant's id, as clients know it.
func (p Participant) ID() string {
	_, id := shard.SplitInnerID(string(p))
	return id
}

// In is the participant by the same id in another tenant.
func (p Participant) In(n Name) Participant { return n.Participant(p.ID()) }
