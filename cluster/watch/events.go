package watch

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// events is the healthy connection on which an owner tells this node of changes, or nil.
func events(v *view.View, owner link.Name) *link.Conn {
	if p := v.Peer(owner); p != nil {
		if c := p.Conn(link.Events); c != nil && c.Healthy() {
			return c
		}
	}
	return nil
}
