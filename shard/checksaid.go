package shard

import "slices"

// said looks at the statements of all participants.
func (c *checker) said() {
	p, n := c.p, 0
	for who := range p.index.all {
		live, over := p.claimsOf(who, "")
		next, last := int64(0), &silence
		for _, s := range p.allSaid(who) {
			n++
			c.weight += p.weighSaid(s) + p.weighWords(s)
			c.want(s.participant == who, "a statement of %q is of another one", p.id(who))
			c.want(last == &silence || p.comesBefore(last, s.kind, p.sayingOf(s).source),
				"the statements of %q are not in order", p.id(who))
			if end := p.saidEnd(who, s); end != 0 {
				next = earlier(next, end)
			}
			last = s
		}
		c.want(p.people.at(who).has(infoClaimed) == (live > 0), "%q has %d live claims", p.id(who), live)
		c.want(live <= 2*MaxClaims && over <= MaxClaims, "%q has %d live claims, and %d that are over", p.id(who), live, over)
		await := p.statement(p.saidBy(who)).await
		c.want(next == 0 || await != 0 && await <= next, "%q is looked at %d, something ends at %d", p.id(who), await, next)
		c.want(await == 0 || slices.Contains(p.ends, endOf(who, await)), "%q isn't in the heap", p.id(who))
		f := p.factOf(who)
		c.want((f != nil && f.registered.beats()) == (p.availabilityOf(who) == UntilSilent), "%q beats, or not", p.id(who))
	}
	c.want(n == p.said, "%d statements, found %d", p.said, n)
}
