package cluster

import (
	"testing"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// TestDeniedWhenAllIsLost: owner and backup die together, and with them whom a participant denies.
// The next owner can't tell how it looks, and nothing that it has not heard of a viewer is told: the
// gateway would show the viewer what it was told before.
func TestDeniedWhenAllIsLost(t *testing.T) {
	b := newBand(t, 3)
	gateway, heard := b.nodes[0], b.sinks[0]
	id := keptBy(b.nodes[1], b.nodes[2])
	b.beat(gateway, id)
	heard.viewers = viewersOf(gateway, "ben")
	subscribe(t, gateway, heard, id)
	if err := gateway.SetBlock(t.Context(), id, "ben", true); err != nil {
		t.Fatal(err)
	}
	denied := func() bool {
		heard.mu.Lock()
		defer heard.mu.Unlock()
		for _, w := range heard.words {
			return w.Trust == shard.Denied
		}
		return false
	}
	await(t, "the gateway knows that it denies", denied)
	b.crash(b.nodes[2])
	b.crash(b.nodes[1])
	await(t, "it is watched at the next owner", func() bool {
		return gateway.host.Role(gateway.partitionOf(id)) == host.Serving && gateway.host.Stats().Watched > 0
	})
	if got := b.says(gateway, "ben", id); got != shard.Unknown || !denied() {
		t.Errorf("it is %v, denied %t", got, denied())
	}
	b.beat(gateway, id)
	pick(t, gateway, id, shard.OverrideBusy)
	await(t, "it is known how it looks", func() bool { return heard.sees(id) == shard.Busy })
	heard.mu.Lock()
	defer heard.mu.Unlock()
	if len(heard.loose) > 0 {
		t.Errorf("told beside nothing: %+v", heard.loose)
	}
}
