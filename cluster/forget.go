package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
)

const (
	forgetAtOnce = 1000                   // viewers a message
	forgetAgain  = 100 * time.Millisecond // between two attempts at a node
)

// ForgetAnswers has the gateways of all nodes forget what a backend has said of whom viewers may
// see. It returns once all members have. An ErrUnavailable names one that didn't before ctx ended.
// Sending it again is harmless.
func (n *Node) ForgetAnswers(ctx context.Context, viewers []string) error {
	n.health.forget(viewers)
	members := n.view.Load().Members
	errs := make([]error, len(members))
	call.Each(len(members), maxParallel, func(i int) {
		if name := members[i].Name; name != n.name {
			errs[i] = n.forgetAt(ctx, name, viewers)
		}
	})
	return errors.Join(errs...)
}

// forgetAt has one other member forget. It tries again until the node answers, isn't a member any
// longer, or ctx ends.
func (n *Node) forgetAt(ctx context.Context, at link.Name, viewers []string) error {
	for some := range slices.Chunk(viewers, forgetAtOnce) {
		payload := message.AppendTexts(nil, some)
		for {
			err := n.caller.Call(ctx, at, link.Hot, message.OpForget, payload, func([]byte) error { return nil })
			if err == nil || !n.view.Load().Has(at) {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%w: node %s did not forget: %w", ErrUnavailable, at.ID, err)
			case <-time.After(forgetAgain):
			}
		}
	}
	return nil
}

// forget has this node's gateway forget, if there is one.
func (h *health) forget(viewers []string) {
	if h.gateway != nil {
		h.gateway.Forget(viewers)
	}
}

// answerForget is the other side of forgetAt.
func (h *health) answerForget(_ context.Context, _ link.Name, d *message.Reader) ([]byte, error) {
	viewers := d.Participants()
	if err := d.End(); err != nil {
		return nil, err
	}
	h.forget(viewers)
	return nil, nil
}
