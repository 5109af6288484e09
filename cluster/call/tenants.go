package call

import (
	"errors"

	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
)

// ErrFormer: a member of the version before takes ids of tenants for damage. It would refuse all
// that came with one.
var ErrFormer = errors.New("cluster: some node knows no tenants")

// Takes reports whether all members know an id of that form. If not, no node is asked about it,
// this one included: clients of tenants aren't served then.
func (c *Caller) Takes(id string) bool { return takes(c.views.Load(), id) }

func takes(v *view.View, id string) bool {
	return v.Protocol >= protocol.Extras || !shard.HasTenant(id)
}
