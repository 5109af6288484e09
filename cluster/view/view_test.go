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
			Name: link.Name{ID: id, Boot: boot}, State: s, Speaks: protocol.Range{Lowest: 7, Highest: highest},
		}
	}
	a, b := member("a", "1", gossip.Serving, 9), member("b", "1", gossip.Serving, 8)
	for want, members := range map[int][]gossip.Member{
		9:  {a},
		8:  {a, b},
		7:  {a, b, member("c", "1", gossip.Joining, 7)},
		10: {member("a", "1", gossip.Serving, 7), member("a", "2", gossip.Serving, 10)},
	} {
		if got := New(members, 4, nil).Protocol; got != want {
			t.Errorf("%v: protocol %d, want %d", members, got, want)
		}
	}
}
