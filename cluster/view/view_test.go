package view

import (
	"testing"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/protocol"
)

// TestProtocolIsWhatAllSpeak: of two boots of a node the one that counts does, whatever its state.
func TestProtocolIsWhatAllSpeak(t *testing.T) {
	member := func(id, boot string, s gossip.State, highest int) gossip.Member {
		return gossip.Member{
			Name: link.Name{ID: id, Boot: boot}, State: s, Speaks: protocol.Range{Lowest: 6, Highest: highest},
		}
	}
	a, b := member("a", "1", gossip.Serving, 8), member("b", "1", gossip.Serving, 7)
	for want, members := range map[int][]gossip.Member{
		8: {a},
		7: {a, b},
		6: {a, b, member("c", "1", gossip.Joining, 6)},
		9: {member("a", "1", gossip.Serving, 6), member("a", "2", gossip.Serving, 9)},
	} {
		if got := New(members, 4, nil).Protocol; got != want {
			t.Errorf("%v: protocol %d, want %d", members, got, want)
		}
	}
}
