package gossip

import (
	"context"
	"time"
)

// maxJoin is how many addresses are tried at a time. One that answers is enough, and each that
// doesn't costs a timeout.
const maxJoin = 5

// Join looks for other nodes at the seeds until one is there, or ctx ends, or the seeds are this
// node alone. It reports whether another node is there. An error means that a node answered and
// refused.
func (g *Gossip) Join(ctx context.Context) (bool, error) {
	g.searching.Store(true)
	defer g.searching.Store(false)
	for {
		seeds := g.lookUp(ctx)
		err := g.join(g.missing(addresses(seeds)))
		switch {
		case g.list.NumMembers() > 1:
			return true, nil
		case err != nil:
			return false, err
		case !g.foreign(seeds):
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// join joins addresses. If no other node is there then, it returns why one refused, if one did.
func (g *Gossip) join(addresses []string) (refused error) {
	g.joining.take()
	defer g.joining.give()
	for _, a := range addresses {
		if err := g.joinOne(a); err != nil {
			refused = err
		}
	}
	if g.list.NumMembers() > 1 {
		return nil
	}
	return refused
}

// joinOne joins an address. To memberlist it is a success to join oneself. That it was this node is
// known from the merge.
func (g *Gossip) joinOne(address string) (refused error) {
	g.mu.Lock()
	g.refused, g.echo = nil, false
	g.mu.Unlock()
	tried := time.Now()
	_, err := g.list.Join([]string{address})
	g.ledger.outdate(address, tried)
	g.mu.Lock()
	refused = g.refused
	delete(g.echoes, address)
	if err == nil && g.echo && len(g.members) == 1 {
		g.echoes[address] = true
	}
	g.mu.Unlock()
	if err == nil || refused != nil {
		return refused
	}
	g.config.Logger.Debug("gossip address did not answer", "address", address, "error", err)
	cause, detail := joinFailed(err)
	g.trouble(cause, address, detail)
	return nil
}

// missing are those of addresses at which no member is seen, maxJoin at most.
func (g *Gossip) missing(addresses []string) (out []string) {
	seen := make(map[string]bool)
	g.mu.Lock()
	for _, m := range g.members {
		seen[m.address] = true
	}
	g.mu.Unlock()
	for _, a := range addresses {
		if !seen[a] && len(out) < maxJoin {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}
