package shard

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Check verifies what must always hold and returns everything that doesn't. It is slow: for tests
// and for finding out.
func (p *Partition) Check() error {
	c := checker{p: p, filed: map[uint32]Tick{}}
	c.wheel()
	live, records, participants, overrides, listed := 0, 0, 0, 0, 0
	for who := range p.index.all {
		participants++
		l, n := c.participant(who)
		live, records = live+l, records+n
		if f := p.factOf(who); f != nil {
			overrides += count(f.override != OverrideAuto)
		}
		if l := p.listOf(who); l != nil {
			c.list(who, l)
			listed++
		}
	}
	c.want(p.listed == listed, "%d participants with exceptions, found %d", p.listed, listed)
	found := Counts{participants, live, records, overrides, c.windows, c.edges, c.blocks}
	c.want(p.counts == found, "counts %+v, found %+v", p.counts, found)
	c.said()
	c.want(p.index.count == participants, "index holds %d of %d participants", p.index.count, participants)
	c.want(p.weight == c.weight, "exceptions of %d bytes, found %d", p.weight, c.weight)
	c.weights()
	c.orphans()
	c.names()
	c.lingers()
	c.opaque()
	return errors.Join(c.errs...)
}

// weights looks at what tenants weigh, if that is counted.
func (c *checker) weights() {
	if c.p.weights == nil {
		return
	}
	left := c.p.weight
	for tenant, found := range c.p.weighTenants() {
		weight := c.p.weights[tenant]
		c.want(weight == found, "tenant %q has exceptions of %d bytes, found %d", tenant, weight, found)
		left -= weight
	}
	c.want(left == 0, "exceptions of %d bytes are of no tenant", left)
}

type checker struct {
	p     *Partition
	filed map[uint32]Tick // the tick each reference is filed under, at the latest
	errs  []error

	windows, edges, blocks, weight int // found
}

func (c *checker) want(ok bool, format string, args ...any) {
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("shard: "+format, args...))
	}
}

// wheel walks every chain and notes when each thing will be looked at.
func (c *checker) wheel() {
	w := &c.p.wheel
	for i, v := range w.near {
		c.note(uint32(v), Tick(v>>32))
		c.want(i == 0 || w.near[(i-1)/2] <= v, "near %d of the wheel is out of order", i)
	}
	parked := len(c.filed)
	for i, head := range w.far {
		turn := (w.now + w.phase) >> wheelBits
		c.chain(head, (turn+1+(Tick(i)-turn-1)&farMask)<<wheelBits-w.phase)
	}
	parked = len(c.filed) - parked
	before := w.next
	w.seek()
	c.want(before <= w.next, "wheel waits for tick %d, something happens at %d", before, w.next)
	w.next = before
	c.want(w.size == len(c.filed), "wheel says it holds %d, chains hold %d", w.size, len(c.filed))
	c.want(w.parked == parked, "wheel says %d are far, chains hold %d", w.parked, parked)
}

// orphans counts the windows that are filed, and have ended.
func (c *checker) orphans() {
	n := 0
	for ref := range c.filed {
		n += count(ref&isWindow != 0 && c.p.windows.at(ref&^isWindow).participant == none)
	}
	c.want(n == c.p.orphans, "%d windows that have ended are filed, not %d", n, c.p.orphans)
}

func (c *checker) chain(head uint32, at Tick) {
	for head != 0 {
		r := c.p.refs.at(head >> refsBits)
		for _, ref := range r.refs[:head%(refsEach+1)] {
			c.note(ref, at)
		}
		head = r.next
	}
}

func (c *checker) note(ref uint32, at Tick) {
	_, twice := c.filed[ref]
	c.want(!twice, "reference %#x is filed twice", ref)
	c.filed[ref] = at
}

func (c *checker) participant(who uint32) (live, records int) {
	p := c.p
	person := p.people.at(who)
	id := string(p.id(who))
	c.want(p.find(KeyOf(id)) == who, "participant %q isn't found", id)
	inner := Offline
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		records++
		c.want(p.device(d).status != free, "%q has a free device %d", id, d)
		c.want(p.participantOf(d) == who, "device %d of %q leads to another participant", d, id)
		if p.device(d).status.present() {
			live++
			inner = max(inner, Idle+State(p.device(d).said.activity()))
		}
	}
	c.want(person.inner() == inner, "%q has inner state %v, its devices make %v", id, person.inner(), inner)
	c.want(!p.isEmpty(who) || person.has(infoFiled), "%q has neither device nor fact", id)
	at, filed := c.filed[who]
	c.want(filed == person.has(infoFiled), "%q filed: %v, marked: %v", id, filed, person.has(infoFiled))
	c.want(filed || p.dueParticipant(who) == never, "%q isn't filed", id)
	due := p.devicesEnd(who) // a fact may be forgotten late, and a copy may forget all late
	c.want(due == never || p.copy || at <= max(due, p.wheel.now+1), "%q is due at %d, filed under %d", id, due, at)
	return live, records
}

func (c *checker) list(who uint32, l *list) {
	p, n := c.p, int32(0)
	c.want(l.cells > 0, "%q has an empty list of exceptions", p.id(who))
	c.want(slices.IsSortedFunc(p.cellsOf(who), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.kind(), b.kind()))
	}), "the cells of %q are not in order", p.id(who))
	newer := none
	for w := range p.windowsOf(l) {
		n++
		peer := string(p.names.name(p.windows.at(w).peer))
		c.want(p.findWindow(who, p.settings.Viewer(peer).Hash) == w, "window of %q for %q isn't found", p.id(who), peer)
		at, filed := c.filed[w|isWindow]
		due := max(p.due(w|isWindow), p.wheel.now+1)
		c.want(filed && at <= due, "window of %q for %q is filed under %d", p.id(who), peer, at)
		c.want(newer == none || p.isNewer(newer, w), "windows %d and %d of %q are out of order", newer, w, p.id(who))
		newer = w
	}
	c.windows += int(n)
	c.want(n == l.windows, "%q has %d windows, not %d", p.id(who), n, l.windows)
	c.want(n == 0 || int(n+l.others) <= p.settings.MaxExceptions, "%q has %d windows and %d others",
		p.id(who), n, l.others)
	c.cells(who, l)
}

// cells looks at what isn't a window.
func (c *checker) cells(who uint32, l *list) {
	p, others, stones, next := c.p, int32(0), int32(0), int64(0)
	for place, x := range p.cells.in(l) {
		c.weight += p.weigh(x)
		if end := p.cellEnd(l, place); end != 0 && (next == 0 || end < next) {
			next = end
		}
		switch {
		case x.hash == noViewer || x.kind() == cellWindow || x.kind() == cellEnd:
		case isStone(x):
			stones++
		default:
			others++
			c.edges += count(isEdge(x))
			c.blocks += count(isBlock(x))
		}
	}
	c.want(others == l.others && stones == l.stones, "%q has %d and %d that are forgotten, not %d and %d", p.id(who),
		others, stones, l.others, l.stones)
	c.want(int(stones) <= 2*p.settings.MaxExceptions, "%q remembers %d that are forgotten", p.id(who), stones)
	c.want(next == 0 || l.next != 0 && l.next <= next, "%q is looked at %d, something ends at %d",
		p.id(who), l.next, next)
	c.want(l.next == 0 || slices.Contains(p.ends, endOf(who, l.next)), "%q isn't in the heap", p.id(who))
}

// names accounts for every byte of the arena, whichever partition it is of.
func (c *checker) names() {
	m, used := c.p.Memory, 0
	for who := range m.people.all {
		if m.people.at(who).has(infoUsed) {
			used += int(m.namesEnd(who) - m.namesOf(who))
		}
	}
	for w := range m.windows.all {
		if m.windows.at(w).participant != none {
			used += 1 + len(m.names.name(m.windows.at(w).peer))
		}
	}
	for b := range m.blocks.all {
		used += 1 + len(m.names.name(m.blocks.at(b).name))
	}
	for i := range m.statements.all {
		if s := m.statements.at(i); s.words != none {
			used += int(m.wordsEnd(s) - s.words)
		}
	}
	all, dead := m.names.both.written, m.names.both.dead
	c.want(used+dead == all, "arena of %d bytes has %d in use and %d dead", all, used, dead)
}

func (c *checker) lingers() {
	waiting := c.p.lingerEnds()
	for who := range c.p.index.all {
		for d := c.p.firstOf(who); d&isParticipant == 0; d = c.p.nextOf(d) {
			if c.p.device(d).status == lingering && !c.p.copy {
				_, ok := waiting[d]
				c.want(ok, "device %d lingers without an end", d)
			}
		}
	}
	for i := 1; i < len(c.p.lingers); i++ {
		c.want(c.p.lingers[i-1].until <= c.p.lingers[i].until, "lingers out of order at %d", i)
	}
}

func (c *checker) opaque() {
	if c.p.opaque == nil {
		return
	}
	for hash, all := range c.p.opaque.of {
		c.want(len(all) > 0 && slices.IsSortedFunc(all, opaque.compare), "the opaque facts of %x are not in order", hash)
		held := make(map[string]int)
		for _, o := range all {
			held[o.participant()]++
			next := c.p.opaque.next
			c.want(KeyOf(o.participant()).Hash == hash, "an opaque fact of %q isn't found", o.participant())
			c.want(o.until == 0 || next != 0 && next <= o.until, "an opaque fact ends at %d, the first at %d", o.until, next)
		}
		for id, n := range held {
			c.want(n <= maxOpaque, "%q has %d opaque facts", id, n)
		}
	}
}
