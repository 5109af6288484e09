package call

import (
	"context"
	"slices"
	"sync"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// Batch is many questions, each for the owner of an id, with a place for the answer of each.
type Batch[Q, A any] struct {
	Questions []Q
	Answers   []A // of the same length
	ID        func(q *Q) string
	Finders   func(v *view.View) []view.Finder
	// Ask asks one node, which may be this one, some of the questions. After an error none of the
	// answers counts.
	Ask func(ctx context.Context, at link.Name, questions []Q, answers []A) error
	// Counts reports whether an answer is one. If not, the next node is asked.
	Counts func(a *A) bool
}

// Spread asks all nodes at once, and again what one didn't answer at the next that finders name,
// until all is answered or ctx ends. It returns the numbers of the questions that were never
// answered.
func Spread[Q, A any](ctx context.Context, c *Caller, b *Batch[Q, A]) (left []int) {
	left = make([]int, len(b.Questions))
	for i := range left {
		left[i] = i
	}
	c.Until(ctx, func(v *view.View) bool {
		for _, find := range b.Finders(v) {
			if len(left) > 0 {
				left = b.pass(ctx, b.split(c, v, left, find), left)
			}
		}
		return len(left) == 0
	})
	return left
}

// pass asks once, and returns what is left of items, which ascend.
func (b *Batch[Q, A]) pass(ctx context.Context, groups []group, items []int) []int {
	done := make([]bool, items[len(items)-1]+1)
	if len(groups) == 1 {
		b.askGroup(ctx, groups[0], done)
	} else {
		Each(len(groups), len(groups)+1, func(i int) { b.askGroup(ctx, groups[i], done) })
	}
	return slices.DeleteFunc(items, func(i int) bool { return done[i] })
}

// askGroup asks one node. It notes which of its items are done.
func (b *Batch[Q, A]) askGroup(ctx context.Context, g group, done []bool) {
	questions, answers := b.Questions, make([]A, len(g.items))
	if len(g.items) < len(questions) {
		questions = make([]Q, len(g.items))
		for j, i := range g.items {
			questions[j] = b.Questions[i]
		}
	}
	if b.Ask(ctx, g.at, questions, answers) != nil {
		return
	}
	for j, i := range g.items {
		if b.Counts(&answers[j]) {
			b.Answers[i], done[i] = answers[j], true
		}
	}
}

// group is what of a batch goes to one node: the numbers of its items.
type group struct {
	at    link.Name
	items []int
}

// split groups items by the node that find names. What no node can be asked about is in no group.
func (b *Batch[Q, A]) split(c *Caller, v *view.View, items []int, find view.Finder) []group {
	groups := make([]group, len(v.Members)) // by place
	for _, i := range items {
		place, ok := find(c.partitionOf(b.ID(&b.Questions[i])))
		if !ok {
			continue
		}
		g := &groups[place]
		if g.items == nil {
			g.at, g.items = v.Members[place].Name, make([]int, 0, len(items)/len(v.Members)+1)
		}
		g.items = append(g.items, i)
	}
	for place := range groups {
		if groups[place].items != nil && !c.Reachable(v, place) {
			groups[place].items = nil
		}
	}
	return slices.DeleteFunc(groups, func(g group) bool { return g.items == nil })
}

// Each runs f for 0 to n-1, on a few goroutines if there is more than one.
func Each(n, parallel int, f func(i int)) {
	if n == 1 {
		f(0)
		return
	}
	slots := make(chan struct{}, parallel)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			f(i)
			<-slots
		})
	}
	all.Wait()
}
