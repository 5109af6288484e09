package cluster

import (
	"context"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
)

// figuresTimeout is how long a member gets for its figures: a page asks every second, and one that
// hangs must not make it stand still.
const figuresTimeout = 300 * time.Millisecond

// all asks all members for their figures.
func (h *health) all(ctx context.Context) map[string]Figures {
	ctx, cancel := context.WithTimeout(ctx, figuresTimeout)
	defer cancel()
	members := h.views.Load().Members
	all := make(map[string]Figures, len(members))
	var mu sync.Mutex
	call.Each(len(members), maxParallel, func(i int) {
		name := members[i].Name
		f, err := h.figuresOf(ctx, name)
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		all[name.ID] = f
	})
	return all
}

func (h *health) figuresOf(ctx context.Context, at link.Name) (f Figures, err error) {
	if at == h.self {
		return h.figures(), nil
	}
	err = h.caller.Call(ctx, at, link.Hot, message.OpFigures, nil, func(reply []byte) error {
		d := message.NewReader(reply)
		f = readFigures(d)
		return d.End()
	})
	return f, err
}
