package cluster

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// said is what somebody says and is told of themselves, and what a stranger sees, by one node.
func (b *band) said(n *Node, id string) string {
	b.t.Helper()
	self, err := n.Inspect(b.t.Context(), id, id, true)
	stranger := make([]shard.Seen, 1)
	n.Statuses(b.t.Context(), "", []Judged{{ID: id}}, shard.WithStatus, stranger)
	var sources []string
	for _, c := range self.Claims {
		sources = append(sources, c.Source)
	}
	return fmt.Sprint(stranger[0].State, " ", stranger[0].Status.Text, "; ", self.State, " ", self.Status.Text, " ",
		self.OverrideUntil != 0, " ", sources, " ", err)
}

func (b *band) wantSays(when, id, want string) {
	b.t.Helper()
	for _, n := range b.nodes {
		if got := b.said(n, id); got != want {
			b.t.Errorf("%s: %s says %q, want %q", when, n.ID(), got, want)
		}
	}
}

func setStatus(t *testing.T, n *Node, id string, s shard.Status, public bool) {
	t.Helper()
	await(t, "a status", func() bool { return n.SetStatus(t.Context(), id, s, public) == nil })
}

func setOverride(t *testing.T, n *Node, id string, o shard.Override, until time.Time) {
	t.Helper()
	await(t, "an override", func() bool { return n.SetOverride(t.Context(), id, o, until) == nil })
}

func setClaim(t *testing.T, n *Node, id, source string, until time.Time) {
	t.Helper()
	await(t, "a claim", func() bool { return n.SetClaim(t.Context(), id, source, until) == nil })
}

func setKind(t *testing.T, n *Node, id string, k shard.Kind, a shard.Availability) {
	t.Helper()
	await(t, "a registration", func() bool { return n.SetKind(t.Context(), id, k, a) == nil })
}

// TestStatusesStay: what was said is known to all nodes, and stays when its owner dies, when one
// more comes, and when the next owner hands over. So does what stood, and when something ends.
func TestStatusesStay(t *testing.T) {
	b := newBand(t, 3)
	n, id, ctx := b.nodes[0], b.ownedBy(b.nodes[1]), t.Context()
	b.beat(n, id)
	end := time.Now().Add(time.Hour)
	setStatus(t, n, id, shard.Status{Text: "first", Until: end.UnixMilli()}, false)
	setOverride(t, n, id, shard.OverrideAppearOffline, end)
	setStatus(t, n, id, shard.Status{Text: "second"}, false)
	setOverride(t, n, id, shard.OverrideAppearOffline, end.Add(time.Hour))
	setStatus(t, n, id, shard.Status{Text: "third"}, false)
	setClaim(t, n, id, "calendar", end)
	setClaim(t, n, id, "call", end.Add(2*time.Hour))
	setClaim(t, n, id, "gone", end)
	setClaim(t, n, id, "gone", time.Time{})
	want := "offline first; appear_offline third true [calendar call] <nil>"
	b.wantSays("at first", id, want)
	b.crash(b.nodes[1])
	b.agree()
	b.beat(b.nodes[0], id)
	b.wantSays("after the owner's death", id, want)
	if _, err := b.tryAddNamed("late"); err != nil {
		t.Fatal(err)
	}
	b.agree()
	b.wantSays("with one more", id, want)
	owner, _ := b.nodes[0].view.Load().Owner(b.nodes[0].partitionOf(id))
	if err := b.node(owner).Drain(ctx); err != nil {
		t.Fatal(err)
	}
	b.crash(b.node(owner))
	b.agree()
	b.beat(b.nodes[0], id)
	b.wantSays("after a hand-off", id, want)
	a, err := b.nodes[0].Account(ctx, id)
	if err != nil || a.Status.Text != "third" || a.Stood.Text != "first" || a.OverrideUntil == 0 || len(a.Claims) != 2 {
		t.Errorf("account: %+v, %v", a, err)
	}
}

// TestEndsAfterTheOwner: what was said ends in time when its owner has died, and when it has not.
func TestEndsAfterTheOwner(t *testing.T) {
	b := newBand(t, 3)
	n := b.nodes[0]
	ids := []string{b.ownedBy(b.nodes[0]), b.ownedBy(b.nodes[1]), b.ownedBy(b.nodes[2])}
	end := time.Now().Add(10 * time.Second)
	for _, id := range ids {
		setStatus(t, n, id, shard.Status{Text: "soon", Until: end.UnixMilli()}, false)
		setClaim(t, n, id, "call", end)
		setOverride(t, n, id, shard.OverrideBusy, end)
	}
	b.crash(b.nodes[1])
	b.agree()
	for _, id := range ids {
		for _, at := range b.nodes {
			await(t, "it ends", func() bool {
				said := b.said(at, id)
				over := said == "offline ; offline  false [] <nil>"
				if early := time.Now().Before(end); over && early {
					t.Errorf("%s of %s: it is over before its end", at.ID(), id)
				} else if !over && early && said != "offline soon; offline soon true [call] <nil>" {
					t.Errorf("%s of %s: %s", at.ID(), id, said)
				}
				return over
			})
		}
	}
}

// TestTooManyClaims is refused by whichever node is asked.
func TestTooManyClaims(t *testing.T) {
	b := newBand(t, 2)
	id, until := b.ownedBy(b.nodes[1]), time.Now().Add(time.Hour)
	for i := range shard.MaxClaims {
		setClaim(t, b.nodes[i%2], id, fmt.Sprint("s", i), until)
	}
	for _, n := range b.nodes {
		await(t, "a ninth is refused", func() bool {
			return errors.Is(n.SetClaim(t.Context(), id, "ninth", until), ErrTooManyClaims)
		})
		setClaim(t, n, id, "s0", until)
	}
}

// TestSayingsAreTold: a gateway hears of a change of what was said, wherever the owner is, and
// whether its own state changes or not.
func TestSayingsAreTold(t *testing.T) {
	b := newBand(t, 2)
	gateway, sink := b.nodes[0], b.sinks[0]
	for _, id := range []string{b.ownedBy(b.nodes[0]), b.ownedBy(b.nodes[1])} {
		subscribe(t, gateway, sink, id)
		told := func(what string, want shard.Sayings) {
			t.Helper()
			await(t, what, func() bool {
				got := sink.sayings(id)
				return got.PublicStatus == want.PublicStatus && got.InnerStatus == want.InnerStatus &&
					got.OverrideUntil == want.OverrideUntil && slices.Equal(got.Claims, want.Claims)
			})
		}
		end := time.Now().Add(time.Hour)
		first, second := shard.Status{Text: "first"}, shard.Status{Emoji: "🚆", Until: end.UnixMilli()}
		setStatus(t, gateway, id, first, false)
		told("the first status", shard.Sayings{PublicStatus: first, InnerStatus: first})
		setOverride(t, gateway, id, shard.OverrideAppearOffline, end)
		setStatus(t, gateway, id, second, false)
		hidden := shard.Sayings{PublicStatus: first, InnerStatus: second, OverrideUntil: end.UnixMilli()}
		told("the second status, behind the first", hidden)
		setClaim(t, gateway, id, "call", end)
		hidden.Claims = []shard.Claim{{Source: "call", Until: end.UnixMilli()}}
		told("the claim", hidden)
		setStatus(t, gateway, id, shard.Status{}, true)
		setClaim(t, gateway, id, "call", time.Time{})
		told("that there is none", shard.Sayings{OverrideUntil: end.UnixMilli()})
	}
}

// TestHelperHasToBeat: an AI participant with the availability heartbeat is there if one of its
// devices is.
func TestHelperHasToBeat(t *testing.T) {
	b := newBand(t, 2)
	n, id := b.nodes[0], b.ownedBy(b.nodes[1])
	for _, step := range []struct {
		kind shard.Kind
		a    shard.Availability
		beat bool
		want shard.State
	}{
		{shard.KindHelper, shard.AvailabilityUnset, false, shard.Online},
		{shard.KindHelper, shard.UntilSilent, false, shard.Offline},
		{shard.KindModel, shard.AvailabilityUnset, false, shard.Offline},
		{shard.KindModel, shard.AvailabilityUnset, true, shard.Online},
		{shard.KindModel, shard.Always, false, shard.Online},
	} {
		setKind(t, n, id, step.kind, step.a)
		if step.beat {
			b.beat(n, id)
		}
		await(t, fmt.Sprintf("%+v", step), func() bool { return b.says(n, "", id) == step.want })
	}
}
