package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

func viewersOf(n *Node, ids ...string) []shard.Viewer {
	viewers := make([]shard.Viewer, len(ids))
	for i, id := range ids {
		viewers[i] = n.Viewer(id)
	}
	return viewers
}

// TestExceptionsAreTold: a gateway hears of an exception at the owner, for any number of viewers,
// of its beginning, and again from the next owner.
func TestExceptionsAreTold(t *testing.T) {
	b := newBand(t, 3)
	gateway, sink, id := b.nodes[0], b.sinks[0], b.ownedBy(b.nodes[2])
	viewers := []string{"ben"}
	for i := range 2 * shard.MaxViewers {
		viewers = append(viewers, fmt.Sprint("v", i))
	}
	open := func(i int) bool { return i%3 == 0 }
	for i, v := range viewers {
		if open(i) {
			b.message(id, v)
		}
	}
	var questions []Question
	for some := range slices.Chunk(viewersOf(gateway, viewers...), shard.MaxViewers) {
		questions = append(questions, Question{ID: id, Viewers: some})
	}
	sights := make([]Sight, len(questions))
	gateway.Watch(t.Context(), questions, sights)
	for i, v := range viewers {
		if got := sights[i/shard.MaxViewers].Trusts.Of(i%shard.MaxViewers) == shard.Excepted; got != open(i) {
			t.Errorf("the answer says of %s %t", v, got)
		}
	}
	subscribe(t, gateway, sink, id)
	sink.mu.Lock()
	sink.viewers = viewersOf(gateway, viewers...)
	sink.mu.Unlock()
	b.message(id, "later")
	await(t, "one that opens is told", func() bool { has, _ := sink.excepts(id, "later"); return has })
	if _, ok := sink.excepts(id, viewers[0]); ok {
		t.Error("one is told that didn't change")
	}
	b.crash(b.nodes[2])
	await(t, "the next owner tells of all", func() bool {
		for i, v := range viewers {
			if has, ok := sink.excepts(id, v); !ok || has != open(i) {
				return false
			}
		}
		return true
	})
}

// message has two write to each other.
func (b *band) message(one, two string) {
	b.t.Helper()
	errs := make([]error, 1)
	b.nodes[0].DirectMessages(b.t.Context(), []DirectMessage{{A: one, B: two, At: time.Now()}}, errs)
	if errs[0] != nil {
		b.t.Fatal(errs[0])
	}
}
