package host

import (
	"fmt"
	"testing"

	"github.com/scaiwave/presence/shard"
)

// deaf is a gateway that makes nothing of what it is told.
type deaf struct{}

func (deaf) Deliver([]Update) {}
func (deaf) Evict(Eviction)   {}
func (deaf) Moved([]int)      {}

// BenchmarkWhoSeesWhom is what a participant costs that has said something of none, of a hundred,
// or of ten thousand others: to ask about it, to watch it, and to tell of its change. Who asks is
// none of them. An operation is one participant, of a hundred.
func BenchmarkWhoSeesWhom(b *testing.B) {
	for _, each := range []int{0, 100, sized(10_000)} {
		c := newAsked(b, each)
		b.Run(fmt.Sprintf("query/exceptions=%d", each), c.query)
		b.Run(fmt.Sprintf("subscribe/exceptions=%d", each), c.subscribe)
		b.Run(fmt.Sprintf("event/exceptions=%d", each), c.event)
		c.Close()
	}
}

// asked are participants whom strangers ask about.
type asked struct {
	*crowd
	ids       []string
	strangers []shard.Viewer
	questions []Question
	sights    []Sight
	sink      SinkID
}

// newAsked gives each participant edges with so many others.
func newAsked(b *testing.B, each int) *asked {
	const people, strangers = 100, 256
	c := &asked{
		crowd: newCrowd(b, people, 1),
		ids:   make([]string, people), questions: make([]Question, people), sights: make([]Sight, people),
	}
	var err error
	if c.sink, err = c.AddSink(deaf{}); err != nil {
		b.Fatal(err)
	}
	edges := make([]Edge, each)
	for j := range edges {
		edges[j] = Edge{fmt.Sprint("viewer-", j), shard.Edge{Allow: shard.Allow}}
	}
	for i := range c.ids {
		c.ids[i] = benchID(i)
		c.SetEdges(c.ids[i], edges, make([]shard.Outcome, each))
	}
	for i := range strangers {
		c.strangers = append(c.strangers, c.Viewer(fmt.Sprint("stranger-", i)))
	}
	return c
}

func (c *asked) query(b *testing.B) {
	states := make([]shard.State, len(c.ids))
	for i := 0; i < b.N; i += len(c.ids) {
		c.states(c.strangers[i/len(c.ids)%len(c.strangers)], c.ids, states, shard.Unknown)
	}
}

func (c *asked) subscribe(b *testing.B) {
	for i := 0; i < b.N; i += len(c.ids) {
		at := i / len(c.ids) % len(c.strangers)
		c.watch(c.strangers[at : at+1])
		c.Unwatch(c.sink, c.ids)
	}
}

func (c *asked) watch(viewers []shard.Viewer) {
	for i, id := range c.ids {
		c.questions[i] = Question{ID: id, Viewers: viewers}
	}
	c.Watch(c.sink, c.questions, c.sights, func() {})
}

func (c *asked) event(b *testing.B) {
	c.watch(c.strangers[:1])
	picked := [2]shard.Override{shard.OverrideBusy, shard.OverrideAppearOffline}
	for i := range b.N {
		c.SetOverride(c.ids[i%len(c.ids)], picked[i/len(c.ids)%2])
	}
}
