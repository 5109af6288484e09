package cluster

import (
	"fmt"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
)

// view is who is there and who owns what, as this node has it. It never changes; a change of members makes a new one.
type view struct {
	members []gossip.Member // of each node the boot that counts, sorted by id
	places  map[string]int  // in members, by id
	peers   []*link.Peer    // by place; nil: this node itself
	table   *Table          // of the ring; nil: nobody owns anything
	owning  []int           // places of the table's members
	key     uint64          // equal on nodes that have the same table and the same boots
	before  []*Table        // the tables before, the latest first: whoever has not handed over yet is in one of them
	made    time.Time
	gone    chan struct{}        // closed when the next view is there
	sources map[uint64]link.Name // the boots, by sourceOf
}

// maxBefore is how many tables a view remembers: so many changes may follow each other before the first has been carried out.
const maxBefore = 3

// newView makes the view of members; of two boots of one node the one that serves counts, and of two of these the newer.
func newView(members []gossip.Member, partitions int, before *view) *view {
	v := &view{
		places: make(map[string]int), sources: make(map[uint64]link.Name), gone: make(chan struct{}), made: time.Now(),
	}
	v.members = newest(members)
	hash := xxhash.New()
	for i, m := range v.members {
		v.places[m.Name.ID] = i
		v.sources[sourceOf(m.Name)] = m.Name
		if m.Role != gossip.Gateway {
			fmt.Fprintf(hash, "%s %v,", m.Name, m.State)
		}
	}
	if owners := v.owners(partitions); len(owners) > 0 {
		v.table = v.tableOf(owners, partitions, before)
		for _, id := range v.table.members {
			v.owning = append(v.owning, v.places[id])
		}
		hash.Write(appendUint64(nil, v.table.fingerprint))
	}
	v.key = hash.Sum64()
	v.before = v.tablesBefore(before)
	return v
}

// newest leaves of each node the boot that counts, of members that are sorted by id and then boot.
func newest(members []gossip.Member) (out []gossip.Member) {
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

func (v *view) tablesBefore(before *view) []*Table {
	if before == nil || before.table == nil || before.table == v.table {
		if before != nil {
			return before.before
		}
		return nil
	}
	tables := slices.DeleteFunc(slices.Clone(before.before), func(t *Table) bool { return t.fingerprint == before.table.fingerprint })
	tables = append([]*Table{before.table}, tables...)
	return tables[:min(maxBefore, len(tables))]
}

// owners are the nodes on the ring: of those that serve, all that reach each other. If none serves,
// those that are leaving still do it; before the first one serves, those that are coming will.
func (v *view) owners(partitions int) (ids []string) {
	for _, state := range []gossip.State{gossip.Serving, gossip.Draining, gossip.Joining} {
		var candidates []gossip.Member
		for _, m := range v.members {
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

// tableOf reuses a table of the views before if it is of the same nodes.
func (v *view) tableOf(owners []string, partitions int, before *view) *Table {
	if before != nil {
		for _, t := range append([]*Table{before.table}, before.before...) {
			if t != nil && slices.Equal(t.members, owners) {
				return t
			}
		}
	}
	return NewTable(owners, partitions)
}

// owner is who owns a partition; ok is false if nobody does.
func (v *view) owner(partition int) (name link.Name, ok bool) {
	return v.nameAt(v.ownerPlace(partition))
}

// nameAt is the name of who a finder has found.
func (v *view) nameAt(place int, ok bool) (link.Name, bool) {
	if !ok {
		return link.Name{}, false
	}
	return v.members[place].Name, true
}

// ownerPlace is a finder of the owner.
func (v *view) ownerPlace(partition int) (place int, ok bool) {
	if v.table == nil {
		return 0, false
	}
	return v.owning[v.table.owners[partition]], true
}

// backup is who owns a partition if its owner goes; ok is false if there is nobody else.
func (v *view) backup(partition int) (name link.Name, ok bool) {
	return v.nameAt(v.backupPlace(partition))
}

// backupPlace is a finder of the backup.
func (v *view) backupPlace(partition int) (place int, ok bool) {
	if v.table == nil {
		return 0, false
	}
	t := v.table.Without(v.table.Owner(partition))
	if t == nil {
		return 0, false
	}
	return v.places[t.Owner(partition)], true
}

// previous finds those who owned a partition before, of the tables that are remembered: ok is false for one that isn't, or where it
// was the owner of now, or somebody who has gone.
func (v *view) previous(change int) finder {
	return func(partition int) (place int, ok bool) {
		if v.table == nil || change >= len(v.before) || v.before[change].Owner(partition) == v.table.Owner(partition) {
			return 0, false
		}
		place, ok = v.places[v.before[change].Owner(partition)]
		return place, ok
	}
}

// isMinority says whether at least half of those who owned something are missing: what is lost may be at the other side of a cut.
func (v *view) isMinority() bool {
	most := 0
	for _, t := range v.before {
		most = max(most, len(t.members))
	}
	return v.table != nil && 2*len(v.table.members) <= most
}

// isOut reports whether a boot serves and is left out of the ring: it owns nothing, for its links.
func (v *view) isOut(name link.Name) bool {
	if v.table == nil || !v.has(name) {
		return false
	}
	m := v.members[v.places[name.ID]]
	return !v.table.has(name.ID) && m.State == gossip.Serving && m.Role != gossip.Gateway
}

// has says whether a boot is among the members.
func (v *view) has(name link.Name) bool { return v.boot(name.ID) == name }

// boot is the boot of a node that counts; none if there is none.
func (v *view) boot(id string) (name link.Name) {
	if place, ok := v.places[id]; ok {
		name = v.members[place].Name
	}
	return name
}

// peer is the link to another node; nil if it isn't there, and to oneself.
func (v *view) peer(name link.Name) *link.Peer {
	if place, ok := v.places[name.ID]; ok && v.members[place].Name == name {
		return v.peerAt(place)
	}
	return nil
}

func (v *view) peerAt(place int) *link.Peer {
	if place >= len(v.peers) {
		return nil // the first view, of oneself, has none
	}
	return v.peers[place]
}

// links are the peers that there are.
func (v *view) links() (all []*link.Peer) {
	for _, p := range v.peers {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// isJoining reports whether a boot owns nothing yet.
func (v *view) isJoining(name link.Name) bool {
	return v.has(name) && v.members[v.places[name.ID]].State == gossip.Joining
}

// anyServes reports whether there is a node that takes over what leaving ones have.
func (v *view) anyServes() bool {
	return slices.ContainsFunc(v.members, func(m gossip.Member) bool { return m.State == gossip.Serving && m.Role != gossip.Gateway })
}

// isThere reports whether the boot that copies name so is among the members, and not left out.
func (v *view) isThere(source uint64) bool {
	name, ok := v.sources[source]
	return ok && !v.isOut(name)
}

// others are the nodes besides self that may hold partitions.
func (v *view) others(self link.Name) (names []link.Name) {
	for _, m := range v.members {
		if m.Name != self && m.Role != gossip.Gateway {
			names = append(names, m.Name)
		}
	}
	return names
}

// sourceOf is a boot as copies name their owner.
func sourceOf(name link.Name) uint64 { return xxhash.Sum64String(name.String()) }
