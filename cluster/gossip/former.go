package gossip

import (
	"time"

	"github.com/scaiwave/presence/cluster/link"
)

// former are the boots that were members, and when they went. They are looked for (see heal), and
// may link: a node that stood still, or that some have not heard for a while, must ask the others
// before gossip has made up its mind again.
type former map[link.Name]time.Time

// rememberOf is for how long a lost member is looked for.
const rememberOf = time.Hour

// maxFormer is how many are kept. Each needed the gossip key to become a member.
const maxFormer = 1024

// add notes that a boot has gone. It forgets those that went over rememberOf ago, and the one that
// went first if there are too many.
func (f former) add(name link.Name, now time.Time) {
	f[name] = now
	first := name
	for n, when := range f {
		if now.Sub(when) > rememberOf {
			delete(f, n)
		} else if when.Before(f[first]) {
			first = n
		}
	}
	if len(f) > maxFormer {
		delete(f, first)
	}
}

func (f former) has(name link.Name, now time.Time) bool {
	when, was := f[name]
	return was && now.Sub(when) <= rememberOf
}
