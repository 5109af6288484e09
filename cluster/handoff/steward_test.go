package handoff

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// TestServesWhenAllHasCome: what another node holds is waited for, from all who hold it, and under
// this view only.
func TestServesWhenAllHasCome(t *testing.T) {
	s := newStill(t)
	i := s.begins(map[link.Name][]int{one: {2}, two: {2}})
	s.serve(i, 2)
	s.wantRole("before all were asked", 2, host.Absent)
	s.at(i, func(b *book) { b.asked = true })
	s.serve(i, 2)
	s.wantRole("with two pushes to come", 2, host.Absent)
	s.arrives(one, 2, empty(t, 2))
	s.wantRole("with one push to come", 2, host.Held)
	s.arrives(two, 2, empty(t, 2))
	s.wantRole("when all has come", 2, host.Serving)
	if !slices.Contains(s.backups.released, 2) {
		t.Error("what its backup had before still counts")
	}
	s.host.Hold(2)
	s.sees()
	s.serve(i, 2)
	s.wantRole("under a view that has gone", 2, host.Held)
}

// TestLatePushEndsNoRound: a push that was on its way when the view changed is merged, and the
// round of the new view goes on.
func TestLatePushEndsNoRound(t *testing.T) {
	s := newStill(t)
	old := s.now()
	s.sees()
	next := s.asked(map[link.Name][]int{one: {2}})
	if !s.take(old, one, 2, empty(t, 2), claimWhole) {
		t.Error("it is not taken")
	}
	s.serve(next, 2)
	s.wantRole("a push under the view before", 2, host.Held)
	var listed int
	s.at(next, func(b *book) { listed = len(b.listed[2]) })
	if listed != 1 {
		t.Error("the round under the new view has ended")
	}
}

// TestBackedUpWhenAllIsKnown: the backup's copy may be of another who owned the partition, is still
// there, and may go before it has pushed: it is replaced when all that others have is here.
func TestBackedUpWhenAllIsKnown(t *testing.T) {
	s := newStill(t)
	s.sees(one, two)
	p := s.owned(s.Self)
	s.host.Serve(p)
	wantBackup := func(when string, want bool) {
		t.Helper()
		if got := s.backups.Backup(p) == s.backup(p); got != want {
			t.Errorf("%s: it has its backup: %v", when, got)
		}
	}
	i := s.begins(map[link.Name][]int{two: {p}})
	s.serve(i, p)
	wantBackup("before others were asked", false)
	s.at(i, func(b *book) { b.asked = true })
	s.serve(i, p)
	wantBackup("with a push to come", false)
	s.arrives(two, p, empty(t, p))
	wantBackup("when all has come", true)
}

// TestTakesOnlyUnderItsKey: a node that pushes must see the same members, or the partition may be
// another's in a moment.
func TestTakesOnlyUnderItsKey(t *testing.T) {
	s := newStill(t)
	b := message.AppendUint64(nil, s.View().Key+1)
	b = append(append(message.AppendUint16(b, 1), claimWhole), 0, 0, 0, 0)
	if reply, err := s.Take(t.Context(), one, message.NewReader(b)); err != nil || len(reply) != 1 || reply[0] != 0 {
		t.Errorf("under another key: %v, %v", reply, err)
	}
	if !s.arrives(one, 1, empty(t, 1)) {
		t.Error("under the same key it is refused")
	}
}

// TestNothingFromBeforeAStop: what came, or was said, before the process stood still doesn't count
// for what it serves afterwards.
func TestNothingFromBeforeAStop(t *testing.T) {
	s := newStill(t)
	s.fill(4, 42, empty(t, 4))
	i := s.asked(map[link.Name][]int{one: {3}, two: {3}})
	s.arrives(one, 3, empty(t, 3))
	s.StoodStill()
	s.serve(i, 4)
	s.wantRole("on answers from before a stop", 4, host.Copy)
	i = s.asked(map[link.Name][]int{one: {3}})
	s.serve(i, 3)
	s.wantRole("by what was pushed before a stop", 3, host.Held)
	i = s.asked(nil)
	s.serve(i, 3)
	s.wantRole("asked after the stop", 3, host.Serving)
	s.host.Hold(3)
	i = s.asked(map[link.Name][]int{one: {3}})
	s.serve(i, 3)
	s.wantRole("held, and listed again", 3, host.Held)
	s.arrives(one, 3, empty(t, 3))
	s.wantRole("pushed again", 3, host.Serving)
	s.host.Hold(3)
	s.serve(s.asked(map[link.Name][]int{one: {3}}), 3)
	s.wantRole("held and listed once more", 3, host.Held)
}

// TestPushDuringTheAsking: a push that comes before its sender's answer isn't waited for again.
func TestPushDuringTheAsking(t *testing.T) {
	s := newStill(t)
	i := s.begins(nil)
	s.arrives(one, 2, empty(t, 2))
	s.at(i, func(b *book) {
		b.answered(one, answer{held: []int{2}})
		b.asked = true
	})
	s.serve(i, 2)
	s.wantRole("when its sender has answered, too", 2, host.Serving)
}

// TestHeldIfTheInstantEnds: what begins to be served just as there is another view is held.
func TestHeldIfTheInstantEnds(t *testing.T) {
	s := newStill(t)
	i := s.asked(nil)
	s.backups.assigned = func() { s.sees() }
	s.serve(i, 2)
	s.wantRole("under a view that has just gone", 2, host.Held)
}

// TestLeftForTheNextOwner: a copy that was left behind says so to the node that it was left for,
// and counts there.
func TestLeftForTheNextOwner(t *testing.T) {
	s := newStill(t)
	s.sees(one)
	p := s.owned(one)
	s.fill(p, 42, empty(t, p))
	s.at(s.now(), func(b *book) { b.left[p] = leaving{42, one} })
	s.host.Stale(p)
	var claim byte
	s.peers.answer = func(_ link.Name, _ byte, d *message.Reader) []byte {
		d.Uint64()
		d.Partition(partitions)
		claim = d.Byte()
		return []byte{1}
	}
	if err := s.push(t.Context(), s.now(), one, []int{p}); err != nil || claim != claimLeft {
		t.Errorf("it says %d, %v", claim, err)
	}
	own := s.owned(s.Self)
	s.take(s.now(), one, own, empty(t, own), claim)
	if !s.host.Whole(own) {
		t.Error("it is taken for partial")
	}
}

// TestCopiesFitTheView: a backup takes what the owner sends it, no other node, and only if it is
// the backup in its own eyes. What was decided under an older view changes no copy.
func TestCopiesFitTheView(t *testing.T) {
	s := newStill(t)
	s.sees(one, two)
	v := s.View()
	taken := 0
	for p := range partitions {
		owner, _ := v.Owner(p)
		for _, m := range v.Members {
			want := m.Name == owner && s.backup(p) == s.Self
			fill := func() bool { return s.host.Fill(p, view.SourceOf(m.Name), empty(t, p), true) == nil }
			if got := s.Shipment(m.Name, p, false, fill); got != want {
				t.Errorf("partition %d of %s, sent by %s: taken %v", p, owner.ID, m.Name.ID, got)
			}
			if want {
				taken++
			}
		}
	}
	if taken == 0 {
		t.Fatal("this node is nobody's backup: other names are needed")
	}
	s.sees(one, two, link.Name{ID: "n3", Boot: "1"}, link.Name{ID: "n4", Boot: "1"})
	old := s.now()
	todo, _ := s.plan(old, func(*book) {})
	s.sees(one, two)
	for _, a := range todo.of(leave) {
		s.leave(old, a)
		if _, follows := s.host.Source(a.partition); !follows {
			t.Errorf("partition %d was left behind by a view that has gone", a.partition)
		}
		s.host.Stale(a.partition)
		if s.dropCopy(old, a.partition) {
			t.Errorf("partition %d was dropped by a view that has gone", a.partition)
		}
	}
	if len(todo.of(leave)) == 0 {
		t.Error("no copy is to be left behind")
	}
}

// TestLeftBehindByEachView: a view that another one follows before anything was done about it has
// named another backup all the same. A copy that went on following would lack what was acknowledged
// with that.
func TestLeftBehindByEachView(t *testing.T) {
	s := newStill(t)
	var kept []int
	for p := range partitions {
		s.sees(one, two)
		source, _ := s.View().Owner(p)
		if s.backup(p) != s.Self {
			continue
		}
		s.fill(p, view.SourceOf(source), empty(t, p))
		kept = append(kept, p)
	}
	left := 0
	s.sees(one, two, link.Name{ID: "n3", Boot: "1"}, link.Name{ID: "n4", Boot: "1"})
	stays := make(map[int]bool)
	for _, p := range kept {
		owner, _ := s.View().Owner(p)
		stays[p] = owner == s.Self || s.backup(p) == s.Self
	}
	s.Follow()
	s.sees(one, two)
	s.Follow()
	for _, p := range kept {
		if _, follows := s.host.Source(p); follows != stays[p] {
			t.Errorf("partition %d follows: %v", p, follows)
		}
		if !stays[p] {
			left++
		}
	}
	if left == 0 {
		t.Error("no copy is to be left behind: other names are needed")
	}
}

// TestCopiesStayUntilTheBackupHasAll: a copy that this node doesn't need is kept while its owner's
// backup lacks something.
func TestCopiesStayUntilTheBackupHasAll(t *testing.T) {
	s := newStill(t)
	s.sees(one, two)
	p := s.owned(one)
	for _, other := range s.ownedBy(one) {
		if s.backup(other) == two {
			p = other
		}
	}
	s.fill(p, view.SourceOf(one), empty(t, p))
	yes := byte(0)
	s.peers.answer = func(to link.Name, op byte, d *message.Reader) []byte {
		if to != one || op != message.OpSettled {
			t.Errorf("%s was asked %d", to.ID, op)
		}
		return []byte{yes}
	}
	todo, _ := s.plan(s.now(), func(*book) {})
	for _, a := range todo.of(leave) {
		s.leave(s.now(), a)
	}
	if left := s.tidy(t.Context()); left != 1 {
		t.Errorf("%d copies are left while the backup lacks something", left)
	}
	s.wantRole("while the backup lacks something", p, host.Copy)
	yes = 1
	if left := s.tidy(t.Context()); left != 0 {
		t.Errorf("%d copies are left", left)
	}
	s.wantRole("when the backup has all", p, host.Absent)
}

// TestSealedAndServedOn: what an owner refuses is served on under the same view, if the process
// hasn't stood still.
func TestSealedAndServedOn(t *testing.T) {
	for name, tc := range map[string]struct {
		meanwhile func(s *still)
		want      host.Role
	}{
		"nothing has changed":   {func(*still) {}, host.Serving},
		"the process stood":     {func(s *still) { s.StoodStill() }, host.Held},
		"there is another view": {func(s *still) { s.sees(one, two) }, host.Held},
	} {
		s := newStill(t)
		s.sees(one)
		p := s.owned(one)
		s.host.Serve(p)
		s.peers.answer = func(link.Name, byte, *message.Reader) []byte {
			tc.meanwhile(s)
			return []byte{0}
		}
		if err := s.push(t.Context(), s.now(), one, []int{p}); err != nil {
			t.Fatal(err)
		}
		s.wantRole(name, p, tc.want)
	}
}

// TestSilentOwnerIsNotWaitedFor for long: there are others to push to.
func TestSilentOwnerIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t)
		ctx, cancel := context.WithTimeout(t.Context(), 2*agreeTimeout)
		defer cancel()
		if s.agrees(ctx, s.now(), one) || ctx.Err() != nil {
			t.Error("a node that is silent agrees, or is waited for")
		}
	})
}

// TestSilentIsNotNew: a peer that doesn't answer may have served before: a participant that isn't
// known is unknown. And a stop of before, whose alarm was not heard, doesn't end the asking.
func TestSilentIsNotNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t)
		s.sees(one)
		s.StoodStill()
		s.settle(t.Context(), s.now())
		for _, p := range s.ownedBy(s.Self) {
			s.wantRole("while n1 is silent", p, host.Serving)
			if got := s.looks(p); got != shard.Unknown {
				t.Errorf("partition %d, begun with nothing while n1 is silent: %v", p, got)
			}
		}
	})
}

// TestWhomToWaitFor: a node that was left out, and that no call can reach, isn't waited for.
func TestWhomToWaitFor(t *testing.T) {
	s := newStill(t)
	broken := func(self, other link.Name) gossip.Member {
		return gossip.Member{
			Name: self, State: gossip.Serving,
			Report: gossip.Report{Broken: []uint16{gossip.ShortHash(other)}},
		}
	}
	s.see([]gossip.Member{{Name: s.Self, State: gossip.Serving}, broken(one, two), broken(two, one)})
	in, out := one, two
	if s.View().IsOut(one) {
		in, out = two, one
	}
	for what, tc := range map[string]struct {
		apart []link.Name
		name  link.Name
		want  time.Duration
	}{
		"on the ring":  {nil, in, silentTimeout},
		"left out":     {nil, out, outTimeout},
		"out of reach": {[]link.Name{out}, out, 0},
	} {
		s.peers.apart = tc.apart
		if got := s.patience(s.now(), tc.name); got != tc.want {
			t.Errorf("%s: %v, want %v", what, got, tc.want)
		}
	}
}

// TestSettledWhenWhole: while something may be missing at the owner, or it sees other members,
// others keep what they have.
func TestSettledWhenWhole(t *testing.T) {
	s := newStill(t)
	s.host.Serve(0)
	s.host.Warm(1)
	for p := range 2 {
		s.backups.Assign(p, link.Name{})
	}
	for _, tc := range []struct {
		key  uint64
		want string
	}{{s.View().Key, "\x01\x00"}, {s.View().Key + 1, "\x00\x00"}} {
		b := message.AppendPartitions(message.AppendUint64(nil, tc.key), []int{0, 1})
		reply, err := s.Settled(t.Context(), link.Name{}, message.NewReader(b))
		if err != nil || string(reply) != tc.want {
			t.Errorf("key %x: %x, %v", tc.key, reply, err)
		}
	}
}

// TestCopyAges: one that cannot ask its owner for a deadline answers nothing.
func TestCopyAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t)
		s.sees(one)
		p := s.owned(one)
		s.fill(p, view.SourceOf(one), empty(t, p))
		follows := func(what string, want bool) {
			t.Helper()
			s.age(s.now())
			if _, got := s.host.Source(p); got != want || s.host.Role(p) != host.Copy {
				t.Errorf("%s: follows %v, want %v", what, got, want)
			}
		}
		follows("while there is a way", true)
		s.peers.apart = []link.Name{one}
		follows("at once", true)
		time.Sleep(s.Deadline / 2)
		follows("soon", true)
		time.Sleep(s.Deadline)
		follows("after a deadline", false)
	})
}
