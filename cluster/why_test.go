package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// byRules is the state that a reason leads to.
func byRules(w *Why, id string) shard.State {
	inner := shard.Offline
	for _, s := range w.Sources {
		if s.Standing == shard.DeviceLive {
			inner = max(inner, shard.Idle+shard.State(s.Activity))
		}
	}
	switch {
	case (w.Rule == 2 || w.Rule == 4) && strings.HasPrefix(id, "model:"): // as one that was never seen
		return shard.Online
	case w.Rule == 2, w.Rule == 4, w.StateRule == 2:
		return shard.Offline
	case w.StateRule == 1:
		return shard.Online
	case w.StateRule == 3:
		return shard.Busy
	case w.StateRule == 4 && w.Rule == 1:
		return shard.AppearOffline
	case w.StateRule == 4:
		return shard.Offline
	default:
		return inner
	}
}

// TestReasonsAreThoseOfOwners: the rules that are named lead to what the owner answers, for each
// override, each kind, devices of each sort, and each sort of viewer.
func TestReasonsAreThoseOfOwners(t *testing.T) {
	n, err := New(Config{NodeID: "n1", Partitions: testPartitions, Settings: DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	n.SetSink(newNotebook())
	n.Start()
	t.Cleanup(func() { _ = n.Close() })
	rules := map[string]int{}
	for _, prefix := range []string{"", "model:", "closed-"} {
		for kind := range shard.KindHelper + 1 {
			for override := range shard.OverrideAppearOffline + 1 {
				for device := range 6 {
					id := fmt.Sprintf("%sp-%d-%d-%d", prefix, kind, override, device)
					n.makeUp(t, id, kind, override, device%3)
					if device >= 3 {
						n.claim(t, id, kind)
					}
					for _, viewer := range []string{"", "ben", "friend", "blocked", "denied", "allowed", id} {
						w := n.Why(t.Context(), id, viewer)
						if got := byRules(&w, id); got != w.State {
							t.Errorf("%s for %q: by %+v it is %v; the owner says %v", id, viewer, w.Reason, got, w.State)
						}
						rules[fmt.Sprintf("%d %s %d", w.Rule, w.Ground, w.StateRule)]++
					}
				}
			}
		}
	}
	for _, want := range []string{
		"3 ai 2", "3 ai 3", "3 ai 4", "1 self 1", "1 self 2", "1 self 3", "1 self 4", "1 self 5", "3 ai 1", "3 default 2", "3 default 3",
		"3 default 4", "3 default 5", "3 window 1", "3 window 2", "3 window 3", "3 window 5",
		"2 block 0", "2 edge 0", "3 edge 1", "3 edge 4", "3 edge 5", "4 default 0",
	} {
		if rules[want] == 0 {
			t.Errorf("no participant was seen by %s, of %v", want, rules)
		}
	}
}

// makeUp has a participant with no device, an idle one, or an online one too, and a friend.
func (n *Node) makeUp(t *testing.T, id string, kind shard.Kind, override shard.Override, devices int) {
	t.Helper()
	var beats []Heartbeat
	for i := range devices {
		beats = append(beats, Heartbeat{Participant: id, Device: fmt.Sprint("d", i), Activity: shard.Activity(i)})
	}
	errs := make([]error, max(1, devices))
	n.Heartbeats(t.Context(), beats, errs[:devices])
	if kind != shard.KindUnset {
		errs = append(errs, n.SetKind(t.Context(), id, kind, shard.AvailabilityUnset))
	}
	errs = append(errs, n.SetOverride(t.Context(), id, override, time.Time{}))
	errs = append(errs, n.SetBlock(t.Context(), id, "blocked", true))
	errs = append(errs, n.SetEdges(t.Context(), []Edge{
		{Participant: id, Viewer: "denied", Allow: shard.Deny}, {Participant: id, Viewer: "allowed", Allow: shard.Allow},
	})...)
	if strings.HasPrefix(id, "closed-") {
		closed := shard.VisibilityChange{Visibility: shard.Visibility{Audience: shard.AudienceAllowed}, SetAudience: true}
		errs = append(errs, n.SetVisibility(t.Context(), id, closed))
	}
	n.DirectMessages(t.Context(), []DirectMessage{{A: id, B: "friend", At: time.Now()}}, errs[:1])
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// claim makes a participant busy, and an AI one that is there only while it beats.
func (n *Node) claim(t *testing.T, id string, kind shard.Kind) {
	t.Helper()
	err := n.SetClaim(t.Context(), id, "calendar", time.Now().Add(time.Hour))
	if kind > shard.KindHuman && err == nil {
		err = n.SetKind(t.Context(), id, kind, shard.UntilSilent)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestReasons: what an edge, a block or an audience does.
func TestReasons(t *testing.T) {
	at := time.Now()
	closed := shard.Visibility{Audience: shard.AudienceAllowed}
	for _, tt := range []struct {
		what   string
		x      Exception
		v      shard.Visibility
		id     string
		rule   int
		ground Ground
	}{
		{"a stranger", Exception{}, closed, "ada", 4, GroundDefault},
		{"an AI", Exception{}, closed, "model:x", 3, GroundAI},
		{"a tenant's AI", Exception{}, closed, "\x1facme\x1fmodel:x", 3, GroundAI},
		{"an edge that allows", Exception{Edge: shard.Allow}, closed, "ada", 3, GroundEdge},
		{"a window", Exception{Window: KeptWindow{At: at}}, closed, "ada", 3, GroundWindow},
		{"an edge that denies", Exception{Edge: shard.Deny, Window: KeptWindow{At: at}}, closed, "model:x", 2, GroundEdge},
		{"a block", Exception{Blocked: at, Edge: shard.Allow}, closed, "ada", 2, GroundBlock},
	} {
		w := Why{Exception: tt.x, Visibility: tt.v, Holders: []Holder{{Holds: true}}}
		w.State = shard.Offline
		r := w.reason([]string{"model:"}, tt.id, "ben")
		if r.Rule != tt.rule || r.Ground != tt.ground {
			t.Errorf("%s: %+v; want %d by %s", tt.what, r, tt.rule, tt.ground)
		}
		if r = w.reason(nil, tt.id, tt.id); r.Rule != 1 {
			t.Errorf("%s, for itself: %+v", tt.what, r)
		}
		w.Holders[0].Holds = false
		if r = w.reason(nil, tt.id, "ben"); r.Rule != 0 || r.Ground != "" {
			t.Errorf("%s, if nobody knows: %+v", tt.what, r)
		}
	}
}

// TestWhyOfManyNodes: owner and backup both tell what they hold, and each node of which devices it
// has the sockets.
func TestWhyOfManyNodes(t *testing.T) {
	b := newBand(t, 3)
	id := b.ownedBy(b.nodes[1])
	if err := b.nodes[0].SetOverride(t.Context(), id, shard.OverrideBusy, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for i, device := range []string{"phone", "tv"} {
		if _, err := b.nodes[2*i].Attach(t.Context(), id, device, shard.ActivityOnline); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range b.nodes {
		w := n.Why(t.Context(), id, "ben")
		if w.State != shard.Busy || w.Rule != 3 || w.StateRule != 3 || len(w.Holders) != 2 || w.OverrideAt.IsZero() {
			t.Fatalf("%s: %+v", n.ID(), w)
		}
		for i, role := range []HolderRole{HolderOwner, HolderBackup} {
			h := w.Holders[i]
			if h.Role != role || !h.Holds || h.State != shard.Busy || h.Live != 2 || !h.OverrideAt.Equal(w.OverrideAt) {
				t.Errorf("%s: the %v says %+v", n.ID(), role, h)
			}
		}
		if w.Holders[0].Node != b.nodes[1].ID() || !w.DoubtEnds.IsZero() {
			t.Errorf("%s: %+v", n.ID(), w)
		}
		for i, at := range []*Node{b.nodes[0], b.nodes[2]} {
			s := w.Sources[i]
			if !slices.Equal(s.Gateways, []string{at.ID()}) || !s.Deadline.Equal(s.LastSeen.Add(n.settings.Deadline())) {
				t.Errorf("%s: a device of %s is %+v", n.ID(), at.ID(), s)
			}
		}
	}
}

// TestWhyInDoubt: a node that may have lost something says until when.
func TestWhyInDoubt(t *testing.T) {
	n, err := New(Config{NodeID: "n1", Partitions: testPartitions, Settings: DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	n.SetSink(newNotebook())
	n.Start()
	t.Cleanup(func() { _ = n.Close() })
	n.host.Drop(n.partitionOf("ada"))
	n.host.Warm(n.partitionOf("ada"))
	w := n.Why(t.Context(), "ada", "")
	left := time.Until(w.DoubtEnds)
	if w.State != shard.Unknown || w.Rule != 3 || w.StateRule != 0 || left <= 0 || left > n.settings.Deadline()+time.Second {
		t.Errorf("%+v, for %v", w, left)
	}
}
