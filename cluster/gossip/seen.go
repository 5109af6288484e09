package gossip

// Seen is the most nodes that were members at once, this one included. Two boots of a node are one.
func (g *Gossip) Seen() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seen
}

// Grown has something when Seen has risen.
func (g *Gossip) Grown() <-chan struct{} { return g.grown }

// count keeps the most nodes that were there at once. g.mu is held.
func (g *Gossip) count() {
	now := g.present()
	if now <= g.seen {
		return
	}
	g.seen = now
	g.grown.Raise()
}

// present is how many nodes are members. g.mu is held.
func (g *Gossip) present() int {
	ids := map[string]struct{}{g.self.Name.ID: {}}
	for _, m := range g.members {
		ids[m.Name.ID] = struct{}{}
	}
	return len(ids)
}

// lonely reports whether no other node is a member, or too few have been.
func (g *Gossip) lonely() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.present() < 2 || g.seen < g.config.Expect
}
