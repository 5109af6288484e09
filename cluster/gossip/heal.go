package gossip

import (
	"context"
	"math/rand/v2"
	"time"
)

// healEvery is how often missing members are looked for. Up to as much is added, so that not all
// nodes look at once.
const healEvery = 5 * time.Second

// heal joins seeds and lost members that aren't seen, and those that this node is to be introduced
// to. It also reads the key file again.
func (g *Gossip) heal(ctx context.Context) {
	next := time.NewTimer(healEvery + rand.N(healEvery))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-g.strange:
			g.meet(name)
			continue
		case <-next.C:
			next.Reset(healEvery + rand.N(healEvery))
		}
		if g.keys != nil {
			g.keys.refresh()
		}
		_ = g.join(g.missing(alternately(g.recentlyLost(), addresses(g.lookUp(ctx))))) // a refusal is a trouble already
	}
}

// alternately lists the lost and the seeds in turn. Where addresses change, many of the lost never
// come back. They must not keep the seeds from being tried.
func alternately(lost, seeds []string) (all []string) {
	for i := range max(len(lost), len(seeds)) {
		if i < len(lost) {
			all = append(all, lost[i])
		}
		if i < len(seeds) {
			all = append(all, seeds[i])
		}
	}
	return all
}

func (g *Gossip) recentlyLost() (addresses []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for a, when := range g.lost {
		if time.Since(when) > rememberOf {
			delete(g.lost, a)
			continue
		}
		addresses = append(addresses, a)
	}
	return addresses
}
