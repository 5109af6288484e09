package cluster

import (
	"context"
	"slices"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
)

// holding is what a holder answers.
type holding struct {
	Holder
	at      link.Name
	record  Record
	account Account
	said    Said
}

// holdersOf are the nodes that may hold a partition, in the order in which a question goes to them.
func (n *Node) holdersOf(partition int) (all []holding) {
	v := n.view.Load()
	finders := view.Readers(v)
	for i, find := range finders {
		role := HolderFormer
		switch i {
		case 0:
			role = HolderOwner
		case len(finders) - 1:
			role = HolderBackup
		}
		place, ok := find(partition)
		if !ok {
			continue
		}
		at := v.Members[place].Name
		if i := slices.IndexFunc(all, func(h holding) bool { return h.at == at }); i >= 0 {
			all[i].Role = role // the backup may have been an owner before
			continue
		}
		all = append(all, holding{Holder: Holder{Node: at.ID, Role: role}, at: at})
	}
	return all
}

// askHolders asks all of them, and not only the first that answers.
func (n *Node) askHolders(ctx context.Context, participant, viewer string) []holding {
	all := n.holdersOf(n.partitionOf(participant))
	call.Each(len(all), maxParallel, func(i int) { n.askHolder(ctx, &all[i], participant, viewer) })
	return all
}

func (n *Node) askHolder(ctx context.Context, h *holding, participant, viewer string) {
	seen := ask.Inspect{Viewer: viewer, ID: participant}
	kept, says := ask.Account{Participant: participant}, ask.Visibility{Participant: participant}
	if n.asker.At(ctx, h.at, link.Hot, call.ShortRead, &seen) != nil ||
		n.asker.At(ctx, h.at, link.Bulk, call.ShortRead, &kept) != nil ||
		n.asker.At(ctx, h.at, link.Bulk, call.ShortRead, &says) != nil {
		return
	}
	h.Answered = true
	h.Holds = seen.Outcome == shard.Done && kept.Outcome == shard.Done && says.Outcome == shard.Done
	h.record, h.account, h.said = seen.Record, kept.Account, says.Said
	h.State, h.Override, h.OverrideAt = seen.Record.State, kept.Account.Override, kept.Account.OverrideAt
	for _, d := range kept.Account.Devices {
		if d.Standing == shard.DeviceLive || d.Standing == shard.DeviceLingering {
			h.Live++
		}
	}
}
