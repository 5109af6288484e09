package cluster

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// Ready returns what keeps clients from being served well here, or nil. A node that was ready once
// stays so while partitions move: what it doesn't hold it asks for. It is not ready while it is
// left out of the ring, or apart from the owners: others serve its clients better.
func (n *Node) Ready() error {
	if n.replica == nil {
		return nil
	}
	if err := n.expect.missing(n.config.Seeds); err != nil {
		return err
	}
	switch v := n.view.Load(); {
	case v.Table == nil:
		return n.unsighted()
	case n.isDisplaced(v):
		return n.displacedBy(v)
	case n.ready.Load():
		return nil
	case n.steward.moving() > 0:
		return errors.New("partitions are on their way")
	}
	n.ready.Store(true)
	return nil
}

// isDisplaced reports whether the others can work together, and this node can't with them.
func (n *Node) isDisplaced(v *view.View) bool {
	if !v.Has(n.name) || len(v.Members) == 1 {
		return false
	}
	return v.IsOut(n.name) || v.Members[v.Places[n.name.ID]].Report.Apart && !v.Owns(n.name)
}

// displacedBy names the nodes to which the links are broken.
func (n *Node) displacedBy(v *view.View) error {
	var peers []string
	for place, m := range v.Members {
		if m.Name != n.name && n.caller.DirectAt(v, place, link.Hot) == nil {
			peers = append(peers, fmt.Sprintf("%q at %s", m.Name.ID, m.Peer))
		}
	}
	if len(peers) == 0 {
		return errors.New("left out of the ring: links to other nodes were broken, and have not worked for long enough again")
	}
	return fmt.Errorf("left out of the ring: no link to %s; check the peer ports, certificates and firewalls between them",
		strings.Join(peers, ", "))
}

// sayDisplaced tells the sink, at once and then each deadline.
func (r *reach) sayDisplaced(v *view.View) {
	n := r.node
	switch {
	case !n.isDisplaced(v):
		r.displaced = time.Time{}
		return
	case !r.displaced.IsZero() && time.Since(r.displaced) < n.settings.Deadline():
		return
	case r.displaced.IsZero():
		n.log.Error("this node's clients are told to go elsewhere", "reason", n.displacedBy(v))
	}
	r.displaced = time.Now()
	if n.sink != nil {
		n.sink.Displaced()
	}
}
