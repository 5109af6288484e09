package watch

import (
	"maps"
	"slices"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// renew has partitions watched again.
func (f *Feed) renew(partitions ...int) {
	if len(partitions) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range partitions {
		f.due.partitions[p] = struct{}{}
	}
	f.wake.Raise()
}

// renewWhere has those partitions watched again for which match returns true, by the number and by
// the source of the epoch.
func (f *Feed) renewWhere(match func(p int, source link.Name) bool) {
	var matching []int
	f.mu.Lock()
	for p := range f.epochs {
		if match(p, f.epochs[p].source) {
			matching = append(matching, p)
		}
	}
	f.mu.Unlock()
	f.renew(matching...)
}

// Follow acts on a new view: it renews what has another owner, and what a node told of that has
// gone.
func (f *Feed) Follow(old, v *view.View) {
	f.renewWhere(func(p int, source link.Name) bool {
		before, _ := old.Owner(p)
		now, ok := v.Owner(p)
		return ok && (now != before || source != (link.Name{}) && !v.Has(source))
	})
}

// Opened acts on a new connection for events to another node: changes may have been lost with the
// one before. It renews all that the node owns, or tells of: it may still serve what it doesn't own
// any longer.
func (f *Feed) Opened(to link.Name) {
	v := f.Views.Load()
	f.renewWhere(func(p int, source link.Name) bool {
		owner, ok := v.Owner(p)
		return ok && owner == to || source == to
	})
}

// glimpseEvery is how often those are asked again who can't tell of changes.
const glimpseEvery = time.Second

// renewGlimpsed renews at the next glimpseEvery.
func (f *Feed) renewGlimpsed(partition int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.due.glimpsed[partition] = struct{}{}
}

// renewSilent renews what was glimpsed, and what is owned, or told of, by nodes that have no
// healthy connection for events.
func (f *Feed) renewSilent() {
	f.mu.Lock()
	glimpsed := slices.Collect(maps.Keys(f.due.glimpsed))
	clear(f.due.glimpsed)
	f.mu.Unlock()
	f.renew(glimpsed...)
	v := f.Views.Load()
	var silent []link.Name
	for _, p := range v.Links() {
		if events(v, p.Name()) == nil {
			silent = append(silent, p.Name())
		}
	}
	if len(silent) == 0 {
		return
	}
	f.renewWhere(func(p int, source link.Name) bool {
		owner, ok := v.Owner(p)
		return ok && slices.Contains(silent, owner) || slices.Contains(silent, source)
	})
}
