package handoff

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// serveAll has a node serve all that it owns, in one round in which the others said what they hold.
func (s *still) serveAll(others map[link.Name]answer) {
	i := s.now()
	todo, _ := s.plan(i, (*book).askAgain)
	for name, a := range others {
		s.learn(a)
		s.at(i, func(b *book) { b.answered(name, a) })
	}
	s.at(i, func(b *book) { b.asked = true })
	for _, a := range todo.of(ask) {
		s.serve(i, a.partition)
	}
	s.form(i)
}

// looksAnywhere is how a participant is seen whom nobody knows, in a partition that is served.
func (s *still) looksAnywhere() shard.State {
	for p := range partitions {
		if s.host.Role(p) == host.Serving {
			return s.looks(p)
		}
	}
	return shard.Busy
}

// TestFormed: what is new and what is lost, by what the others say.
func TestFormed(t *testing.T) {
	type answers map[link.Name]answer
	both := func(first, second stage) answers {
		return answers{one: {came: true, same: true, stage: first}, two: {came: true, same: true, stage: second}}
	}
	found := func(stage stage) answers { return answers{one: {came: true, same: true, stage: stage}} }
	for name, tc := range map[string]struct {
		others answers
		doubts bool
		want   shard.State
		stage  stage
	}{
		"alone":                               {nil, false, shard.Offline, formed},
		"alone, and was to join others":       {nil, true, shard.Unknown, starting},
		"others start too":                    {both(starting, starting), false, shard.Offline, begun},
		"others have begun":                   {both(begun, starting), false, shard.Offline, begun},
		"one has formed":                      {both(formed, starting), false, shard.Unknown, formed},
		"found others that start too":         {found(starting), true, shard.Offline, begun},
		"found the cluster that it was to be": {found(formed), true, shard.Unknown, formed},
	} {
		s := newStill(t)
		if tc.doubts {
			s.MetNobody(false)
			s.serveAll(nil) // for as long as it had met no other node
		}
		var names []link.Name
		for _, other := range []link.Name{one, two} {
			if _, ok := tc.others[other]; ok {
				names = append(names, other)
			}
		}
		s.sees(names...)
		s.serveAll(tc.others)
		if got := s.looksAnywhere(); got != tc.want {
			t.Errorf("%s: who isn't known is %v, want %v", name, got, tc.want)
		}
		if got := s.stage(); got != tc.stage {
			t.Errorf("%s: stage %d, want %d", name, got, tc.stage)
		}
	}
}

// TestSilentMayHaveFormed, but not one that is still joining.
func TestSilentMayHaveFormed(t *testing.T) {
	s := newStill(t)
	s.see([]gossip.Member{
		{Name: s.Self, State: gossip.Serving}, {Name: one, State: gossip.Serving}, {Name: two, State: gossip.Joining},
	})
	if a := silent(s.View(), one); a.stage != formed {
		t.Errorf("of a node that serves: %+v", a)
	}
	if a := silent(s.View(), two); a.stage != starting {
		t.Errorf("of a node that joins: %+v", a)
	}
}

// TestNewUntilFormed: what nobody has served is new, also after the process stood still in the
// midst of its first round; from the end of that on, it is lost.
func TestNewUntilFormed(t *testing.T) {
	s := newStill(t)
	looks := func(what string, p int, want shard.State) {
		t.Helper()
		s.serve(s.asked(nil), p)
		if got := s.looks(p); got != want {
			t.Errorf("%s a participant is %v, want %v", what, got, want)
		}
	}
	looks("in a new cluster", 0, shard.Offline)
	s.StoodStill()
	looks("after a stop before it formed", 1, shard.Offline)
	s.hasFormed()
	looks("of a partition that was lost", 2, shard.Unknown)
}

// TestNobodyIsKept: that a partition began with nobody in it is kept, unless others may know more.
func TestNobodyIsKept(t *testing.T) {
	for what, begin := range map[string]func(s *still){
		"new":   func(*still) {},
		"lost":  func(s *still) { s.hasFormed() },
		"doubt": func(s *still) { s.MetNobody(false) },
		"knew":  func(s *still) { s.MetNobody(true) },
	} {
		s := newStill(t)
		begin(s)
		s.serve(s.asked(nil), 2)
		s.wantRole(what, 2, host.Serving)
		if kept := slices.Contains(s.saved, 2); kept != (what == "new") {
			t.Errorf("%s: kept %t", what, kept)
		}
	}
}

// TestNobodyIsKeptAfterADoubt: so it is once a doubt is over, in which it began.
func TestNobodyIsKeptAfterADoubt(t *testing.T) {
	s := newStill(t)
	s.MetNobody(false)
	s.serveAll(nil)
	s.sees(one)
	s.Follow()
	s.serveAll(map[link.Name]answer{one: {came: true, same: true}})
	if p := s.owned(s.Self); !slices.Contains(s.saved, p) {
		t.Errorf("of partition %d it isn't kept", p)
	}
}

// TestAwayIsDistrusted: what is on no disk of those that are here is at nodes that are missing, if
// this one was among others.
func TestAwayIsDistrusted(t *testing.T) {
	for _, among := range []bool{false, true} {
		s := newStill(t)
		if among {
			s.WasAmongOthers()
		}
		s.sees(one)
		p := s.owned(s.Self)
		s.serveAll(map[link.Name]answer{one: {came: true, same: true}})
		want := map[bool]shard.State{false: shard.Offline, true: shard.Unknown}[among]
		if got := s.looks(p); got != want {
			t.Errorf("among others %t: somebody is %v, want %v", among, got, want)
		}
		if among && !s.staysWarm(s.now()) {
			t.Error("it doesn't stay so")
		}
		s.sees(one, two)
		s.serveAll(map[link.Name]answer{
			one: {came: true, same: true}, two: {came: true, same: true, held: []int{p}},
		})
		if owner, _ := s.View().Owner(p); owner != s.Self {
			continue
		}
		s.arrives(two, p, empty(t, p))
		if got := s.looks(p); got != shard.Offline {
			t.Errorf("among others %t: when its push has come somebody is %v", among, got)
		}
	}
}

// TestDoubtsEndInTime: a node that finds no other says so for an hour.
func TestDoubtsEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t)
		s.MetNobody(false)
		s.serveAll(nil)
		if !s.staysWarm(s.now()) {
			t.Error("it trusts itself at once")
		}
		time.Sleep(waitForOthers)
		if s.staysWarm(s.now()) {
			t.Error("it doubts after an hour")
		}
	})
}

// TestDoubtWaitsForWhatIsToCome: two nodes that were alone meet, and the doubt of a partition ends
// when what the other one holds of it has come, not before.
func TestDoubtWaitsForWhatIsToCome(t *testing.T) {
	s := newStill(t)
	s.MetNobody(false)
	s.serveAll(nil)
	s.sees(one)
	p := s.owned(s.Self)
	s.serveAll(map[link.Name]answer{one: {came: true, same: true, held: []int{p}}})
	if got := s.looks(p); got != shard.Unknown {
		t.Errorf("before its push has come a participant is %v, want unknown", got)
	}
	s.arrives(one, p, empty(t, p))
	if got := s.looks(p); got != shard.Offline {
		t.Errorf("when its push has come a participant is %v, want offline", got)
	}
}

// TestHoldsWhatItDoubts: a node that meets others answers nothing before it has asked them. If they
// are new too, it goes on with what it has.
func TestHoldsWhatItDoubts(t *testing.T) {
	s := newStill(t)
	s.MetNobody(false)
	s.serveAll(nil)
	s.Follow()
	p := s.owned(s.Self)
	s.wantRole("alone", p, host.Serving)
	s.sees(one)
	s.Follow()
	p = s.owned(s.Self)
	s.wantRole("when it meets another", p, host.Held)
	s.serveAll(map[link.Name]answer{one: {came: true, same: true}})
	s.wantRole("when that has said that it is new", p, host.Serving)
	s.Follow()
	s.wantRole("when it doubts no longer", p, host.Serving)
	if got := s.looks(p); got != shard.Offline {
		t.Errorf("a participant that nobody knows is %v, want offline", got)
	}
}

// TestSilentIsNotMet: the doubt doesn't end because another node was seen, but because it has
// spoken: it is asked again until it has, be it joining or serving.
func TestSilentIsNotMet(t *testing.T) {
	for _, state := range []gossip.State{gossip.Joining, gossip.Serving} {
		s := newStill(t)
		s.MetNobody(true)
		s.serveAll(nil)
		s.see([]gossip.Member{{Name: s.Self, State: gossip.Serving}, {Name: one, State: state}})
		s.Follow()
		p := s.owned(s.Self)
		i := s.begins(nil)
		for range 2 {
			s.at(i, func(b *book) {
				b.answered(one, silent(i, one))
				b.asked = true
			})
			for p := range partitions {
				s.serve(i, p)
			}
			s.form(i)
			if got := s.looks(p); got != shard.Unknown || !s.doubting() {
				t.Errorf("%v, and silent: somebody is %v, it doubts: %v", state, got, s.doubting())
			}
			if todo, _ := s.plan(i, (*book).askAgain); len(todo.of(ask)) == 0 {
				t.Errorf("%v, and silent: it isn't asked again", state)
			}
		}
		s.serveAll(map[link.Name]answer{one: {came: true, same: true}})
		if got := s.looks(p); got != shard.Offline || s.doubting() {
			t.Errorf("%v, and it has spoken: somebody is %v, it doubts: %v", state, got, s.doubting())
		}
		if todo, _ := s.plan(i, (*book).askAgain); len(todo.of(ask)) > 0 {
			t.Errorf("%v, and it has spoken: it is asked again", state)
		}
	}
}

// TestDoubtOutlivesSilence: the first other node that is met is silent. When it speaks, and says
// that the cluster has formed, what was served in doubt is outdated.
func TestDoubtOutlivesSilence(t *testing.T) {
	s := newStill(t)
	s.MetNobody(false)
	s.serveAll(nil)
	s.sees(one)
	i := s.begins(nil)
	s.at(i, func(b *book) {
		b.answered(one, silent(i, one))
		b.asked = true
	})
	s.form(i)
	if s.stage() != starting || !s.doubting() {
		t.Fatalf("after a silence it is at stage %d, and doubts: %v", s.stage(), s.doubting())
	}
	s.learn(answer{came: true, same: true, stage: formed})
	if s.doubting() || s.host.Stats().Partitions > 0 {
		t.Errorf("it doubts: %v, and serves %d partitions", s.doubting(), s.host.Stats().Partitions)
	}
}
