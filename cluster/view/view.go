package view

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
)

// View is the members and the owners of partitions, as this node sees them. It never changes. A
// change of members makes a new one.
type View struct {
	Members []gossip.Member // of each node the boot that counts, sorted by id
	Places  map[string]int  // in Members, by id
	Peers   []*link.Peer    // by place; nil: this node itself
	Table   *Table          // of the ring; nil: no node owns anything
	owning  []int           // places of the table's members
	Key     uint64          // equal on nodes that have the same table and the same boots
	before  []*Table        // the latest first: a node that has yet to hand over is in one of them
	finders []Finder        // see Readers
	Made    time.Time
	// Protocol is the highest that all members speak: what goes beyond one link is in its form.
	Protocol int
	Gone     chan struct{}        // closed when the next view is there
	sources  map[uint64]link.Name // the boots, by SourceOf
}

// maxBefore is how many tables a view remembers. So many changes may follow each other before the
// first has been carried out.
const maxBefore = 3

// New makes the view of members that follows another one. Of two boots of a node the one that
// serves counts, and of two that serve the newer.
func New(members []gossip.Member, partitions int, before *View) *View {
	v := &View{
		Places: make(map[string]int), sources: make(map[uint64]link.Name), Gone: make(chan struct{}), Made: time.Now(),
	}
	v.Members = Newest(members)
	hash := xxhash.New()
	v.Protocol = protocolOf(v.Members)
	for i, m := range v.Members {
		v.Places[m.Name.ID] = i
		v.sources[SourceOf(m.Name)] = m.Name
		if m.Role != gossip.Gateway {
			fmt.Fprintf(hash, "%s %v,", m.Name, m.State)
		}
	}
	if owners := v.owners(partitions); len(owners) > 0 {
		v.Table = v.tableOf(owners, partitions, before)
		for _, id := range v.Table.members {
			v.owning = append(v.owning, v.Places[id])
		}
		hash.Write(binary.BigEndian.AppendUint64(nil, v.Table.fingerprint))
	}
	v.Key = hash.Sum64()
	v.before = v.tablesBefore(before)
	v.finders = v.newFinders()
	return v
}

// protocolOf is the highest protocol that all members speak.
func protocolOf(members []gossip.Member) (lowest int) {
	for i, m := range members {
		if i == 0 || m.Speaks.Highest < lowest {
			lowest = m.Speaks.Highest
		}
	}
	return lowest
}

// Newest are the boots that count, one of each node, of members sorted by id and then by boot.
func Newest(members []gossip.Member) (out []gossip.Member) {
	for _, m := range members {
		if last := len(out) - 1; last >= 0 && out[last].Name.ID == m.Name.ID {
			if m.State != gossip.Joining || out[last].State == gossip.Joining {
				out[last] = m
			}
			continue
		}
		out = append(out, m)
	}
	return out
}

// tablesBefore are the tables of the views before, each once, without the table of v.
func (v *View) tablesBefore(before *View) []*Table {
	if before == nil || before.Table == nil || before.Table == v.Table {
		if before != nil {
			return before.before
		}
		return nil
	}
	same := func(t *Table) bool { return t.fingerprint == before.Table.fingerprint }
	tables := slices.DeleteFunc(slices.Clone(before.before), same)
	tables = append([]*Table{before.Table}, tables...)
	return tables[:min(maxBefore, len(tables))]
}

// owners are the nodes on the ring: of those that serve, all that reach each other. If none serves,
// it is of those that are leaving, which still do. Before the first one serves, it is of those that
// are joining.
func (v *View) owners(partitions int) (ids []string) {
	for _, state := range []gossip.State{gossip.Serving, gossip.Draining, gossip.Joining} {
		var candidates []gossip.Member
		for _, m := range v.Members {
			if m.State == state && m.Role != gossip.Gateway {
				candidates = append(candidates, m)
			}
		}
		if len(candidates) > 0 {
			return ring(candidates, partitions)
		}
	}
	return nil
}

// tableOf reuses a table of the views before, if one is of the same nodes.
func (v *View) tableOf(owners []string, partitions int, before *View) *Table {
	if before != nil {
		for _, t := range append([]*Table{before.Table}, before.before...) {
			if t != nil && slices.Equal(t.members, owners) {
				return t
			}
		}
	}
	return NewTable(owners, partitions)
}

// IsMinority reports whether at least half of the nodes that owned something are missing. What was
// lost may then be at the other side of a cut.
func (v *View) IsMinority() bool {
	most := 0
	for _, t := range v.before {
		most = max(most, len(t.members))
	}
	return v.Table != nil && 2*len(v.Table.members) <= most
}

// IsOut reports whether a boot serves and is left out of the ring: it owns nothing, because its
// links are broken.

func (v *View) IsOut(name link.Name) bool {
	if v.Table == nil || !v.Has(name) {
		return false
	}
	m := v.Members[v.Places[name.ID]]
	return !v.Table.has(name.ID) && m.State == gossip.Serving && m.Role != gossip.Gateway
}

// Has reports whether a boot is among the members.
func (v *View) Has(name link.Name) bool { return v.Boot(name.ID) == name }

// Boot is the boot of a node that counts, or the zero Name.
func (v *View) Boot(id string) (name link.Name) {
	if place, ok := v.Places[id]; ok {
		name = v.Members[place].Name
	}
	return name
}

// Peer is the link to another node. It is nil if that node isn't there, or is this one.
func (v *View) Peer(name link.Name) *link.Peer {
	if place, ok := v.Places[name.ID]; ok && v.Members[place].Name == name {
		return v.PeerAt(place)
	}
	return nil
}

// PeerAt is Peer by place.
func (v *View) PeerAt(place int) *link.Peer {
	if place >= len(v.Peers) {
		return nil // the first view, of this node alone, has no peers
	}
	return v.Peers[place]
}

// Links are the links to all other nodes.
func (v *View) Links() (all []*link.Peer) {
	for _, p := range v.Peers {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// Owns reports whether a boot is on the ring.
func (v *View) Owns(name link.Name) bool {
	return v.Table != nil && v.Has(name) && v.Table.has(name.ID)
}

// Reported are the ids of the members to which links are broken, by a report.
func (v *View) Reported(r gossip.Report) (ids []string) {
	if len(r.Broken) == 0 {
		return nil
	}
	for _, m := range v.Members {
		if r.Names(m.Name) {
			ids = append(ids, m.Name.ID)
		}
	}
	return ids
}

// IsJoining reports whether a boot is joining, and owns nothing yet.
func (v *View) IsJoining(name link.Name) bool {
	return v.Has(name) && v.Members[v.Places[name.ID]].State == gossip.Joining
}

// AnyServes reports whether there is a node that takes over from those that leave.
func (v *View) AnyServes() bool {
	serves := func(m gossip.Member) bool { return m.State == gossip.Serving && m.Role != gossip.Gateway }
	return slices.ContainsFunc(v.Members, serves)
}

// IsThere reports whether the boot with a source, as copies name their owner, is among the members
// and not left out.

func (v *View) IsThere(source uint64) bool {
	name, ok := v.sources[source]
	return ok && !v.IsOut(name)
}

// Others are the nodes beside self that may hold partitions.
func (v *View) Others(self link.Name) (names []link.Name) {
	for _, m := range v.Members {
		if m.Name != self && m.Role != gossip.Gateway {
			names = append(names, m.Name)
		}
	}
	return names
}

// Wait waits for a while, or until there is another view or ctx ends.
func (v *View) Wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-v.Gone:
	case <-t.C:
	}
}

// SourceOf is the hash of a boot by which copies name their owner.
func SourceOf(name link.Name) uint64 { return xxhash.Sum64String(name.String()) }
