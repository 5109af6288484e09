package cluster

import (
	"context"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
)

// figuresTimeout is how long a member gets for its figures: a page asks every second, and one that hangs must not make it stand still.
const figuresTimeout = 300 * time.Millisecond

// Figures are those of all members, by id. Who doesn't answer in time is missing: no figure is
// better than a wrong one. One whose links to this node are broken is asked through another node.
func (n *Node) Figures(ctx context.Context) map[string]Figures {
	ctx, cancel := context.WithTimeout(ctx, figuresTimeout)
	defer cancel()
	members := n.view.Load().Members
	all := make(map[string]Figures, len(members))
	var mu sync.Mutex
	call.Each(len(members), maxParallel, func(i int) {
		name := members[i].Name
		f, err := n.figuresOf(ctx, name)
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		all[name.ID] = f
	})
	return all
}

func (n *Node) figuresOf(ctx context.Context, at link.Name) (f Figures, err error) {
	if at == n.name {
		return n.figuresHere(), nil
	}
	err = n.caller.Call(ctx, at, link.Hot, message.OpFigures, nil, func(reply []byte) error {
		d := message.NewReader(reply)
		f = readFigures(d)
		return d.End()
	})
	return f, err
}

func (n *Node) figuresHere() Figures {
	st := n.host.Stats()
	f := Figures{
		Participants: st.Participants, Devices: st.Devices, Heartbeats: st.Heartbeats, Changes: st.Changes,
		Version: bounded(n.version), Remark: bounded(n.Remark()), Links: n.caller.Missing(n.view.Load()), Suspects: n.suspects(),
	}
	ready := n.Ready
	if n.gateway != nil {
		f.Sockets, ready = n.gateway.Sockets(), n.gateway.Ready
	}
	if err := ready(); err != nil {
		f.NotReady = bounded(err.Error())
	}
	return f
}

// suspects are the ids of those whom gossip suspects here.
func (n *Node) suspects() []string {
	if !n.joined.Load() {
		return nil
	}
	return n.gossip.Suspected()
}

func (n *Node) answerFigures(d *message.Reader) ([]byte, error) {
	if err := d.End(); err != nil {
		return nil, err
	}
	return appendFigures(nil, n.figuresHere()), nil
}
