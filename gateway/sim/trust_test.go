package sim

import (
	"slices"
	"time"
)

// audience is what somebody says about who may see it.
type audience struct {
	blocks   map[string]*fact[bool] // by viewer
	edges    map[string]*fact[edge]
	unasked  *fact[string] // the default: of those about whom nothing is said
	lastSeen *fact[string]
}

// edge is what a backend says about a pair. The zero edge says nothing.
type edge struct {
	says  string        // "", "allow", "deny"
	until time.Duration // 0: it has no end
}

func newAudience() audience {
	return audience{
		blocks: make(map[string]*fact[bool]), edges: make(map[string]*fact[edge]),
		unasked: newFact("everyone"), lastSeen: newFact("exact"),
	}
}

func (a *audience) block(viewer string) *fact[bool] {
	if a.blocks[viewer] == nil {
		a.blocks[viewer] = newFact(false)
	}
	return a.blocks[viewer]
}

func (a *audience) edge(viewer string) *fact[edge] {
	if a.edges[viewer] == nil {
		a.edges[viewer] = newFact(edge{})
	}
	return a.edges[viewer]
}

// held is what a fact of an audience may be. The other side of a cut may not have it.
func held[T comparable](m *model, f *fact[T], from, to time.Duration) []T {
	may := f.during(from, to)
	if m.split(from, to) {
		may = with(may, f.changes[0].may...)
	}
	return may
}

// ever adds all that a fact has been until a time.
func ever[T comparable](f *fact[T], may []T, to time.Duration) []T {
	may = with(may, f.changes[0].may...)
	for _, o := range f.ops {
		if o.start <= to {
			may = with(may, o.value)
		}
	}
	return may
}

// heldOf is held of what somebody says about a viewer, which an erasure of either ends.
func heldOf[T comparable](m *model, f *fact[T], p *person, viewer string, from, to time.Duration) []T {
	may := held(m, f, from, to)
	if m.unswept(p, m.people[viewer], from, to) {
		may = ever(f, may, to)
	}
	return may
}

// edgeFor is what an edge may say about a viewer.
func (p *person) edgeFor(m *model, viewer string, from, to time.Duration) (may []string) {
	f := p.edges[viewer]
	if f == nil {
		return []string{""}
	}
	for _, e := range heldOf(m, f, p, viewer, from, to) {
		if e.until == 0 || from <= e.until+m.slack {
			may = with(may, e.says)
		}
		if e.until != 0 && to >= e.until-m.slack {
			may = with(may, "")
		}
	}
	return may
}

// denies tells whether somebody may be kept from a viewer, whatever else is said.
func (p *person) denies(m *model, viewer string, from, to time.Duration) (may []bool) {
	if viewer == p.id {
		return []bool{false}
	}
	blocked := []bool{false}
	if f := p.blocks[viewer]; f != nil {
		blocked = heldOf(m, f, p, viewer, from, to)
	}
	for _, b := range blocked {
		for _, e := range p.edgeFor(m, viewer, from, to) {
			may = with(may, b || e == "deny")
		}
	}
	return may
}

// shuts tells whether a viewer may be a stranger to somebody who is seen by the allowed alone.
func (p *person) shuts(m *model, viewer string, from, to time.Duration) (may []bool) {
	if viewer == p.id {
		return []bool{false}
	}
	for _, a := range held(m, p.unasked, from, to) {
		for _, open := range p.window(m, viewer, from, to) {
			for _, e := range p.edgeFor(m, viewer, from, to) {
				may = with(may, a == "allowed" && !open && e != "allow")
			}
		}
	}
	return may
}

// unseen is how somebody looks to whom it denies itself.
func (p *person) unseen() states {
	if p.prefix {
		return online
	}
	return offline
}

// admits reports whether a viewer may be one who may see somebody, of which kind of participant
// somebody may be.
func (p *person) admits(m *model, viewer string, from, to time.Duration) bool {
	from = m.since(from, to, settling)
	kinds := p.ai.during(from, to)
	return slices.Contains(p.denies(m, viewer, from, to), false) &&
		(slices.Contains(kinds, true) || m.split(from, to) || slices.Contains(p.shuts(m, viewer, from, to), false))
}

// seenBy is what a viewer may be told of when somebody was last there: "exact", "coarse", "hidden".
func (p *person) seenBy(m *model, viewer string, from, to time.Duration) []string {
	if viewer == p.id {
		return []string{"exact"}
	}
	if !p.admits(m, viewer, from, to) {
		return []string{"hidden"}
	}
	may := held(m, p.lastSeen, m.since(from, to, settling), to)
	if slices.Contains(p.denies(m, viewer, from, to), true) || slices.Contains(p.shuts(m, viewer, from, to), true) {
		may = with(may, "hidden")
	}
	return may
}
