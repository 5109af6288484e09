package cluster

import (
	"slices"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestTies: any node knows with whom a viewer has a window, both ways, and who is an AI, by
// registration or prefix; a registration as human beats the prefix.
func TestTies(t *testing.T) {
	b := newBand(t, 3)
	n := b.nodes[0]
	errs := make([]error, 1)
	n.DirectMessages(t.Context(), []DirectMessage{{A: "ben", B: "pal", At: time.Now()}}, errs)
	if err := errs[0]; err != nil {
		t.Fatal(err)
	}
	for id, kind := range map[string]shard.Kind{"bot": shard.KindModel, "model:human": shard.KindHuman} {
		if err := n.SetKind(t.Context(), id, kind, shard.AvailabilityUnset); err != nil {
			t.Fatal(err)
		}
	}
	b.online(n, 3)
	ids := []string{"pal", "bot", "model:human", "model:x", "never", "ben"}
	for _, n := range b.nodes {
		for viewer, want := range map[string][]shard.Tie{
			"ben": {shard.Tied, shard.Tied, shard.Untied, shard.Tied, shard.Untied, shard.Untied},
			"pal": {shard.Untied, shard.Tied, shard.Untied, shard.Tied, shard.Untied, shard.Tied},
			"cy":  {shard.Untied, shard.Tied, shard.Untied, shard.Tied, shard.Untied, shard.Untied},
		} {
			got := make([]shard.Tie, len(ids))
			if n.Ties(t.Context(), viewer, ids, got); !slices.Equal(got, want) {
				t.Errorf("%s says %v of %s, want %v", n.ID(), got, viewer, want)
			}
		}
	}
}

// TestJudged: each node takes a backend's word to each owner, for states and records: what is
// allowed is seen also by default `allowed`, what is denied is as never seen.
func TestJudged(t *testing.T) {
	b := newBand(t, 3)
	id := b.online(b.nodes[0], 1)[0]
	closed := shard.VisibilityChange{Visibility: shard.Visibility{Audience: shard.AudienceAllowed}, SetAudience: true}
	if err := b.nodes[0].SetVisibility(t.Context(), id, closed); err != nil {
		t.Fatal(err)
	}
	for _, n := range b.nodes {
		b.wantJudged(n, id)
	}
}

// wantJudged asks a node about a participant that is online.
func (b *band) wantJudged(n *Node, id string) {
	b.t.Helper()
	asked := []Judged{{ID: id, Said: shard.Trusted}, {ID: id, Said: shard.Denied}, {ID: "never", Said: shard.Denied}}
	states := make([]shard.State, len(asked))
	n.JudgedStates(b.t.Context(), "ben", asked, states)
	if want := []shard.State{shard.Online, shard.Offline, shard.Offline}; !slices.Equal(states, want) {
		b.t.Errorf("%s says %v, want %v", n.ID(), states, want)
	}
	for i, want := range []shard.State{shard.Online, shard.Offline} {
		r, err := n.JudgedInspect(b.t.Context(), "ben", asked[i])
		if err != nil || r.State != want || r.LastSeen.IsZero() != (want == shard.Offline) {
			b.t.Errorf("%s says %+v, want %v, %v", n.ID(), r, want, err)
		}
	}
}
