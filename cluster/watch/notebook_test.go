package watch

import (
	"slices"
	"sync"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// notebook is a sink that remembers the newest.
type notebook struct {
	mu      sync.Mutex
	watched []string
	viewers []shard.Viewer
	views   map[string]shard.View
	words   map[uint64]bool // by the hash of the viewer
	evicted []host.Eviction
}

func newNotebook() *notebook {
	return &notebook{views: make(map[string]shard.View), words: make(map[uint64]bool)}
}

func (b *notebook) watch(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watched = append(b.watched, id)
}

func (b *notebook) Deliver(updates []host.Update) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, u := range updates {
		if u.View.Public != shard.Unknown && u.View.Order >= b.views[u.ID].Order {
			b.views[u.ID] = u.View
		}
		for _, w := range u.Words {
			b.words[w.Viewer.Hash] = w.Trust == shard.Excepted
		}
	}
}

func (b *notebook) sees(id string) shard.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.views[id].Public
}

func (b *notebook) Evict(e host.Eviction) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.evicted = append(b.evicted, e)
}

func (b *notebook) evictions() []host.Eviction {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.evicted)
}

func (b *notebook) Watched(yield func(id string) bool) {
	for _, id := range b.watched {
		if !yield(id) {
			return
		}
	}
}

func (b *notebook) Viewers(string) []shard.Viewer { return b.viewers }
func (b *notebook) Review([]string)               {}
