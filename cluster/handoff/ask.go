package handoff

import (
	"context"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/wake"
)

// How long others are asked.
const (
	silentTimeout  = 6 * time.Second        // one that doesn't answer
	outTimeout     = time.Second            // one that is left out of the ring, since it can't be reached
	gatewayTimeout = time.Second            // a gateway
	askTimeout     = 30 * time.Second       // one that answers under another key
	askAgain       = 50 * time.Millisecond  // after an answer under another key
	introduceAfter = 500 * time.Millisecond // of answers under another key
)

// askAll asks all others that may hold partitions. If none of them knows, it asks the gateways
// whether the cluster has formed: all owners may have died, and others come.
func (s *Steward) askAll(ctx context.Context, i instant) {
	s.each(i.Others(s.Self), func(name link.Name) { s.askUntil(ctx, i, name, s.patience(i, name)) })
	known, gateways := true, []link.Name(nil)
	s.at(i, func(b *book) { known = b.formed })
	if known {
		return
	}
	for _, m := range i.Members {
		if m.Role == gossip.Gateway && m.State == gossip.Serving && m.Name != s.Self {
			gateways = append(gateways, m.Name)
		}
	}
	s.each(gateways, func(name link.Name) { s.askUntil(ctx, i, name, gatewayTimeout) })
}

// each calls do for all names at once, and waits.
func (s *Steward) each(names []link.Name, do func(name link.Name)) {
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() { do(name) })
	}
	all.Wait()
}

// patience is for how long a node may be silent before it is taken to hold nothing. One that was
// left out, and that no call can reach, isn't waited for: writes wait for this round, and what it
// holds it pushes when there is a way again.
func (s *Steward) patience(i instant, name link.Name) time.Duration {
	switch {
	case !i.IsOut(name):
		return silentTimeout
	case s.Peers.Reachable(i.View, name):
		return outTimeout
	default:
		return 0
	}
}

// askUntil asks one node until it answers under the same key. One that is silent, or doesn't come
// to see the same members, is taken to hold nothing; but for all that is known the cluster had
// formed.
func (s *Steward) askUntil(ctx context.Context, i instant, name link.Name, patience time.Duration) {
	begun := time.Now()
	heard := begun
	differs := s.whenDiffering(name)
	for time.Since(heard) < patience && time.Since(begun) < askTimeout && ctx.Err() == nil {
		a := s.askOne(ctx, i, name)
		if a.same {
			s.at(i, func(b *book) { b.answered(name, a) })
			return
		}
		if a.came {
			heard = time.Now()
			differs()
		}
		wake.Pause(ctx, askAgain)
	}
	if ctx.Err() == nil {
		s.at(i, func(b *book) { b.answered(name, silent(i, name)) })
		s.Logger.Warn("a node does not say what it holds", "peer", name.ID, "after", time.Since(begun))
	}
}

// whenDiffering returns what is called each time that a node answers under another key. When it has
// for longer than a change takes to get around, one of the two has missed it.
func (s *Steward) whenDiffering(name link.Name) func() {
	since := time.Now()
	return func() {
		if time.Since(since) > introduceAfter {
			s.Peers.Introduce(name)
			since = time.Now()
		}
	}
}

func (s *Steward) askOne(ctx context.Context, i instant, name link.Name) (a answer) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	key := message.AppendUint64(nil, i.Key)
	err := s.Peers.Call(ctx, name, link.Bulk, message.OpHoldings, key, func(reply []byte) error {
		d := message.NewReader(reply)
		a.same = d.Byte() == 1
		a.stage, a.ripe = heard(stage(d.Byte()))
		a.held = d.Partitions(s.Count)
		return d.End()
	})
	if err != nil {
		s.Logger.Debug("holdings", "peer", name.ID, "error", err)
		return answer{}
	}
	a.came = true
	s.learn(a)
	return a
}

// Holdings answers askOne.
func (s *Steward) Holdings(_ context.Context, from link.Name, d *message.Reader) ([]byte, error) {
	key := d.Uint64()
	if err := d.End(); err != nil {
		return nil, err
	}
	i := s.now()
	reply := []byte{0, 0}
	var held []int
	if i.Key == key && i.Table != nil {
		s.at(i, func(b *book) {
			reply = []byte{1, byte(b.said(s.Gateway))}
			for p := range s.Count {
				if b.holds(p, from, s.holding(p)) {
					held = append(held, p)
				}
			}
		})
	}
	return message.AppendPartitions(reply, held), nil
}
