package cluster

import (
	"slices"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
)

// TestFiguresOfAll: any node knows what each holds, and who has gone is missing rather than zero.
func TestFiguresOfAll(t *testing.T) {
	b := newBand(t, 3)
	ids := b.online(b.nodes[0], 30)
	want := make(map[string]int)
	for _, id := range ids {
		owner, _ := b.nodes[0].view.Load().Owner(b.nodes[0].partitionOf(id))
		want[owner.ID]++
	}
	for _, n := range b.nodes {
		for id, f := range n.Figures(t.Context()) {
			if f.Participants != want[id] || f.Devices != want[id] || f.Changes < int64(want[id]) {
				t.Errorf("%s says %+v of %s, which owns %d participants", n.ID(), f, id, want[id])
			}
			delete(want, id)
		}
		if len(want) > 0 {
			t.Fatalf("%s says nothing of %v", n.ID(), want)
		}
		for _, id := range ids {
			owner, _ := n.view.Load().Owner(n.partitionOf(id))
			want[owner.ID]++
		}
	}
	b.crash(b.nodes[2])
	await(t, "the others answer alone", func() bool { return len(b.nodes[0].Figures(t.Context())) == 2 })
}

// TestChangesCountLooks: a heartbeat that changes nothing for anybody is none.
func TestChangesCountLooks(t *testing.T) {
	n := newNode(t)
	attach(t, n, "ada", "tab")
	before := n.health.figures()
	beat := []Heartbeat{{Participant: "ada", Device: "tab", Activity: shard.ActivityOnline}}
	n.Heartbeats(t.Context(), beat, make([]error, 1))
	if f := n.health.figures(); f.Changes != before.Changes || f.Heartbeats != before.Heartbeats+1 {
		t.Errorf("a heartbeat made %+v of %+v", f, before)
	}
	beat[0].Activity = shard.ActivityIdle
	n.Heartbeats(t.Context(), beat, make([]error, 1))
	if f := n.health.figures(); f.Changes != before.Changes+1 {
		t.Errorf("going idle made %+v of %+v", f, before)
	}
}

// TestOwnersAreDescribed: the map names the members that the table does.
func TestOwnersAreDescribed(t *testing.T) {
	b := newBand(t, 3)
	d := b.nodes[1].Describe()
	owned := make([]int, len(d.Members))
	for p, i := range d.Owners {
		if owner, _ := b.nodes[1].view.Load().Owner(p); owner.ID != d.Members[i].ID {
			t.Fatalf("partition %d is %s's; described as %s's", p, owner.ID, d.Members[i].ID)
		}
		owned[i]++
	}
	for i, m := range d.Members {
		if owned[i] != m.Partitions {
			t.Errorf("%s owns %d of the map, and says %d", m.ID, owned[i], m.Partitions)
		}
	}
}

// TestSuspectIsShown: whom gossip suspects is in the figures of the one who suspects.
func TestSuspectIsShown(t *testing.T) {
	b := newBand(t, 2)
	one, two := b.nodes[0], b.nodes[1]
	_ = two.gossip.Close() // its links stay
	await(t, "a suspicion", func() bool { return slices.Equal(one.health.figures().Suspects, []string{two.ID()}) })
	if one.Stats().Suspicions != 1 {
		t.Errorf("%d suspicions", one.Stats().Suspicions)
	}
}

// door is a gateway that says what it was made with.
type door struct {
	sockets int
	reason  error
	forgot  chan []string // nil: nobody looks
}

func (d door) Sockets() int { return d.sockets }
func (d door) Ready() error { return d.reason }
func (d door) Forget(v []string) {
	if d.forgot != nil {
		d.forgot <- v
	}
}

// TestNodeSpeaksForItsGateway: sockets, version and readiness of a node are known at others.
func TestNodeSpeaksForItsGateway(t *testing.T) {
	b := newBand(t, 2)
	one, two := b.nodes[0], b.nodes[1]
	two.health.version = strings.Repeat("v", 300)
	two.SetGateway(door{sockets: 7, reason: link.ErrBusy})
	f := one.Figures(t.Context())
	if got := f[two.ID()]; got.Sockets != 7 || got.NotReady != link.ErrBusy.Error() ||
		got.Version != message.Bounded(two.health.version) {
		t.Errorf("%+v", got)
	}
	if got := f[one.ID()]; got.Sockets != 0 || got.NotReady != "" || got.Version != "" {
		t.Errorf("without a gateway: %+v", got)
	}
}
