package watch

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// TestWatchedWhereItIsTold: what a node tells of that doesn't own it any longer is watched again
// when the connection to that node was lost, and when that node has gone.
func TestWatchedWhereItIsTold(t *testing.T) {
	s := newStage(t, "n1", "n2")
	v := s.views.Load()
	p := s.host.PartitionOf(s.ownedBy("n2"))
	s.epochs[p].source = named("n1")
	if s.Opened(named("n1")); !s.dueIs(p) {
		t.Error("the connection was lost, and it isn't watched again")
	}
	if s.Follow(v, v); s.dueIs(p) {
		t.Error("nothing has changed, and it is watched again")
	}
	_, gone := s.look("n2")
	if now, _ := gone.Owner(p); now != named("n2") {
		t.Fatal("the owner is another")
	}
	if s.Follow(v, gone); !s.dueIs(p) {
		t.Error("the node that told of it has gone, and it isn't watched again")
	}
}

// TestWatchedAtTheNewOwner: what has another owner is watched again, and nothing else.
func TestWatchedAtTheNewOwner(t *testing.T) {
	s := newStage(t, "n1")
	old, v := s.look("n1", "n2")
	s.Follow(old, v)
	now := s.due.cut()
	for p := range partitions {
		before, _ := old.Owner(p)
		owner, _ := v.Owner(p)
		if _, is := now.partitions[p]; is != (owner != before) {
			t.Errorf("partition %d of %s, which was %s's: watched again %t", p, owner.ID, before.ID, is)
		}
	}
	if len(now.partitions) == 0 {
		t.Error("nothing has another owner")
	}
}

// TestAskedAgain: what an answer doesn't register is asked again, until a node registers it.
func TestAskedAgain(t *testing.T) {
	for what, c := range map[string]struct {
		owner, other *host.Sight // the answers at first
		unknown      int
	}{
		"a copy answers":  {other: &host.Sight{Answer: host.Copied, View: shard.View{Public: shard.Idle}}},
		"a glimpse":       {owner: &host.Sight{Answer: host.Glimpsed, View: shard.View{Public: shard.Idle}}},
		"nobody answers":  {unknown: 1},
		"nobody knows it": {owner: &host.Sight{}, other: &host.Sight{}, unknown: 1},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, "n1", "n2")
				id := s.ownedBy("n1", "n2")
				fix := func(at string, sight *host.Sight) {
					if sight != nil {
						s.answer(at, func(host.Question) host.Sight { return *sight })
					}
				}
				fix("n1", c.owner)
				fix("n2", c.other)
				defer s.run()()
				if got := s.watch(id); got != c.unknown {
					t.Errorf("%d unknown, want %d", got, c.unknown)
				}
				online := sees(shard.Online, 9, host.Served)
				fix("n1", &online)
				time.Sleep(2 * glimpseEvery)
				if got := s.sink.sees(id); got != shard.Online {
					t.Errorf("seen is %v", got)
				}
			})
		})
	}
}

// TestExceptionsAreAskedAnew: when too many change at once for each to be told, the gateway asks.
func TestExceptionsAreAskedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, "n1")
		id := s.ownedBy("n1")
		s.answer("n1", func(q host.Question) host.Sight {
			sight := sees(shard.Online, 1, host.Served)
			for i, v := range q.Viewers {
				if v == (shard.Viewer{Hash: viewerOf("ben").Hash}) {
					sight.Trusts.Set(i, shard.Excepted)
				}
			}
			return sight
		})
		s.watch(id)
		s.sink.viewers = viewersOf("ben", "cleo")
		defer s.run()()
		told := appendUpdate(nil, &host.Update{ID: id, Ask: true}, FormTrusts)
		if err := s.Updates(named("n1"), told, FormTrusts); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ben, cleo := s.sink.words[viewerOf("ben").Hash], s.sink.words[viewerOf("cleo").Hash]
		if len(s.sink.words) != 2 || !ben || cleo {
			t.Errorf("told of %v", s.sink.words)
		}
	})
}
