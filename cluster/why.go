package cluster

import (
	"context"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Why is what decides how a participant is shown to a viewer, and what each node that holds it
// knows. It is for people who look for a fault: nothing is decided by it.
type Why struct {
	Record // as the viewer sees it; Unknown if no node answered
	Reason

	Kind         shard.Kind
	KindAt       time.Time // when it was registered; zero: never
	Availability shard.Availability
	OverrideAt   time.Time // when it was picked; zero: never
	Sources      []Source  // its devices, those that have gone too
	Exception    Exception
	Visibility   shard.Visibility // as it counts
	Holders      []Holder         // the owner first
	DoubtEnds    time.Time        // when an owner that may have lost something ceases to doubt; zero: it doesn't
}

// Exception is what is said of the pair. Each is zero if it isn't there.
type Exception struct {
	Window  KeptWindow
	Edge    shard.Allowance // Forget: there is none
	EdgeAt  time.Time       // when it was set
	EdgeEnd time.Time       // zero: it has none
	Blocked time.Time       // since when
}

// Source is a device, and what its state depends on.
type Source struct {
	KeptDevice
	Deadline time.Time // of a live one: without a sign of life it is gone then
	Gateways []string  // ids of the nodes that have a socket of it; none: it comes by HTTP, or they didn't answer
}

// HolderRole is what a holder is to a participant.
type HolderRole uint8

// The roles.
const (
	HolderOwner  HolderRole = iota
	HolderFormer            // it owned the partition before, and still has it
	HolderBackup
)

func (r HolderRole) String() string { return [...]string{"owner", "former_owner", "backup"}[r] }

// Holder is a node that should know of a participant, and what it says.
type Holder struct {
	Node       string
	Role       HolderRole
	Answered   bool        // it answered in time
	Holds      bool        // and has the participant's partition
	State      shard.State // what it would tell the viewer
	Override   shard.Override
	OverrideAt time.Time // zero: nothing was ever picked
	Live       int       // devices that are there
}

// Why reads why a viewer sees of a participant what it does; an empty viewer is a stranger. What
// didn't answer in time is missing, and said to be.
func (n *Node) Why(ctx context.Context, participant, viewer string) Why {
	held := n.askHolders(ctx, participant, viewer)
	sockets := n.askSockets(ctx, participant)
	w := Why{Visibility: shard.Visibility{
		Audience: max(n.settings.Audience, shard.AudienceEveryone), LastSeen: shard.SeenExact,
	}}
	for i := range held {
		if held[i].Role != HolderFormer || held[i].Holds {
			w.Holders = append(w.Holders, held[i].Holder)
		}
	}
	for _, s := range sockets {
		if s.doubt.After(w.DoubtEnds) {
			w.DoubtEnds = s.doubt
		}
	}
	for i := range held {
		if held[i].Holds {
			n.fill(&w, &held[i], viewer, sockets)
			break
		}
	}
	w.Reason = w.reason(n.settings.AIPrefixes, participant, viewer)
	return w
}

// fill takes over what a holder knows.
func (n *Node) fill(w *Why, from *holding, viewer string, sockets []socketsAt) {
	a := &from.account
	w.Record, w.Kind, w.KindAt, w.OverrideAt = from.record, a.Kind, a.KindAt, a.OverrideAt
	w.Availability, w.OverrideUntil, w.Claims = a.Availability, a.OverrideUntil, a.Claims
	for _, d := range a.Devices {
		s := Source{KeptDevice: d}
		if d.Standing == shard.DeviceLive {
			s.Deadline = d.LastSeen.Add(n.settings.Deadline())
		}
		for _, at := range sockets {
			if at.has(d.ID) {
				s.Gateways = append(s.Gateways, at.node)
			}
		}
		w.Sources = append(w.Sources, s)
	}
	w.Exception = n.exceptionOf(viewer, from)
	w.Visibility = from.said.Counts
}

// exceptionOf is what is said of a viewer.
func (n *Node) exceptionOf(viewer string, from *holding) (x Exception) {
	if viewer == "" {
		return x
	}
	for _, w := range from.account.Windows {
		if w.Peer == viewer {
			x.Window = w
		}
	}
	for _, b := range from.said.Blocks {
		if b.Viewer == viewer {
			x.Blocked = b.Since
		}
	}
	hash := n.Viewer(viewer).Hash
	for _, e := range from.said.Edges {
		if e.Viewer == hash {
			x.Edge, x.EdgeAt, x.EdgeEnd = e.Allow, e.Since, e.End
		}
	}
	return x
}
