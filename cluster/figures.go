package cluster

import (
	"context"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/link"
)

// figuresTimeout is how long a member gets for its figures: a page asks every second, and one that hangs must not make it stand still.
const figuresTimeout = 300 * time.Millisecond

// Figures are those of all members, by id. Who doesn't answer in time is missing: no figure is better than a wrong one.
func (n *Node) Figures(ctx context.Context) map[string]Figures {
	ctx, cancel := context.WithTimeout(ctx, figuresTimeout)
	defer cancel()
	members := n.view.Load().members
	all := make(map[string]Figures, len(members))
	var mu sync.Mutex
	each(len(members), maxParallel, func(i int) {
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
	p := n.view.Load().peer(at)
	if p == nil || !p.Healthy() {
		return f, ErrUnavailable
	}
	err = p.Call(ctx, link.Hot, opFigures, nil, func(reply []byte) error {
		d := decoder{b: reply}
		f = d.figures()
		return d.end()
	})
	return f, err
}

func (n *Node) figuresHere() Figures {
	st := n.host.Stats()
	return Figures{Participants: st.Participants, Devices: st.Devices, Heartbeats: st.Heartbeats, Changes: st.Changes}
}

func (n *Node) answerFigures(d *decoder) ([]byte, error) {
	if err := d.end(); err != nil {
		return nil, err
	}
	return appendFigures(nil, n.figuresHere()), nil
}

func appendFigures(b []byte, f Figures) []byte {
	b = appendUint64(appendUint64(b, uint64(f.Participants)), uint64(f.Devices))
	return appendUint64(appendUint64(b, uint64(f.Heartbeats)), uint64(f.Changes))
}

func (d *decoder) figures() Figures {
	return Figures{
		Participants: int(d.uint64()), Devices: int(d.uint64()),
		Heartbeats: int64(d.uint64()), Changes: int64(d.uint64()),
	}
}
