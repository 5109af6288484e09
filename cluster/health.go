package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
)

// health is what this node says of itself: to clients, to operators, and to other nodes.
type health struct {
	// static
	self    link.Name
	version string
	caller  *call.Caller
	views   *atomic.Pointer[view.View]
	host    *host.Host
	expect  *expectation
	disks   *disks
	moving  func() int // partitions on their way; nil: the node is alone
	joined  *atomic.Pointer[gossip.Gossip]
	gateway Gateway // nil: there is none

	wasReady atomic.Bool
}

// ready returns what keeps clients from being served well here, or nil.
func (h *health) ready() error {
	if h.moving == nil {
		return nil
	}
	if err := h.expect.missing(); err != nil {
		return err
	}
	switch v := h.views.Load(); {
	case v.Table == nil:
		return h.expect.unsighted()
	case isDisplaced(v, h.self):
		return h.displacedBy(v)
	case h.wasReady.Load():
		return nil
	case h.moving() > 0:
		return errors.New("partitions are on their way")
	}
	h.wasReady.Store(true)
	return nil
}

// isDisplaced reports whether the others can work together, and this node can't with them.
func isDisplaced(v *view.View, self link.Name) bool {
	if !v.Has(self) || len(v.Members) == 1 {
		return false
	}
	return v.IsOut(self) || v.Members[v.Places[self.ID]].Report.Apart && !v.Owns(self)
}

// displacedBy names the nodes to which the links are broken.
func (h *health) displacedBy(v *view.View) error {
	var peers []string
	for place, m := range v.Members {
		if m.Name != h.self && h.caller.DirectAt(v, place, link.Hot) == nil {
			peers = append(peers, fmt.Sprintf("%q at %s", m.Name.ID, m.Peer))
		}
	}
	if len(peers) == 0 {
		return errors.New("left out of the ring: links to other nodes were broken," +
			" and have not worked for long enough again")
	}
	return fmt.Errorf("left out of the ring: no link to %s;"+
		" check the peer ports, certificates and firewalls between them", strings.Join(peers, ", "))
}

// remark is what an operator should know of a node that is ready.
func (h *health) remark() string {
	var all []string
	if words := h.disks.remark(); words != "" {
		all = append(all, words)
	}
	if words := h.expect.remark(); words != "" {
		all = append(all, words)
	}
	return strings.Join(all, "; ")
}

// figures are those of this node.
func (h *health) figures() Figures {
	st := h.host.Stats()
	f := Figures{
		Participants: st.Participants, Devices: st.Devices, Heartbeats: st.Heartbeats, Changes: st.Changes,
		Version: message.Bounded(h.version), Remark: message.Bounded(h.remark()),
		Links: h.caller.Missing(h.views.Load()),
	}
	if g := h.joined.Load(); g != nil {
		f.Suspects = g.Suspected()
	}
	ready := h.ready
	if h.gateway != nil {
		f.Sockets, ready = h.gateway.Sockets(), h.gateway.Ready
	}
	if err := ready(); err != nil {
		f.NotReady = message.Bounded(err.Error())
	}
	return f
}

// answerFigures gives them to another node.
func (h *health) answerFigures(_ context.Context, _ link.Name, d *message.Reader) ([]byte, error) {
	if err := d.End(); err != nil {
		return nil, err
	}
	return appendFigures(nil, h.figures()), nil
}
