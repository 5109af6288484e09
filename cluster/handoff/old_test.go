package handoff

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// forgetting is a Store that remembers what was forgotten.
type forgetting struct {
	shelf
	forgotten []int
}

func (f *forgetting) Forget(p int) { f.forgotten = append(f.forgotten, p) }

// newOld is a node that has loaded a disk that is old. In each partition somebody is blocked.
func newOld(t *testing.T) (*still, *forgetting) {
	t.Helper()
	s, store := newStill(t), &forgetting{}
	s.Store = store
	for p := range partitions {
		if err := s.host.LoadSnapshot(p, time.Now(), blocking(t, p), true); err != nil {
			t.Fatal(err)
		}
	}
	s.host.Lapse()
	s.HasOld()
	s.sees(one)
	return s, store
}

// blocking is a snapshot of a partition in which idIn has blocked somebody.
func blocking(t *testing.T, p int) []byte {
	t.Helper()
	h := newHost(t, 8)
	h.Serve(p)
	if got := h.SetBlock(idIn(h, p), "ben", true); got != shard.Done {
		t.Fatal(got)
	}
	b, _ := h.Snapshot(p)
	return b
}

// isKnown reports whether the block is here.
func (s *still) isKnown(p int) bool {
	said, _ := s.host.Said(idIn(s.host, p))
	return len(said.Blocks) == 1
}

// other has one other node say how far the cluster is. It holds some partitions, takes all pushes,
// and remembers of which they were.
func (s *still) other(said stage, holds ...int) (pushed *[]int) {
	pushed = new([]int)
	s.peers.answer = func(_ link.Name, op byte, d *message.Reader) (reply []byte) {
		if op == message.OpHoldings {
			return message.AppendPartitions([]byte{1, byte(said)}, holds)
		}
		for d.Uint64(); d.Left() > 0 && d.Err() == nil; reply = append(reply, 1) {
			*pushed = append(*pushed, d.Partition(partitions))
			d.Byte()
			d.Bytes()
		}
		return reply
	}
	return pushed
}

// TestOldDisk: what an old disk had is dropped only where another node says that the cluster has
// formed long ago. Nothing of it is given away before that is known.
func TestOldDisk(t *testing.T) {
	for name, tc := range map[string]struct {
		said   stage
		silent bool
		kept   bool
	}{
		"the other one starts, too":       {said: starting, kept: true},
		"it has begun":                    {said: begun, kept: true},
		"the cluster has formed just now": {said: fresh, kept: true},
		"the other one is silent":         {silent: true, kept: true},
		"the cluster has formed long ago": {said: formed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, store := newOld(t)
				pushed := s.other(tc.said)
				if tc.silent {
					s.peers.answer = nil
				}
				s.settle(t.Context(), s.now())
				if len(*pushed) > 0 {
					t.Errorf("it gave away %v before it had asked", *pushed)
				}
				mine, others := s.owned(s.Self), s.ownedBy(one)
				s.wantRole("its own", mine, host.Serving)
				if s.isKnown(mine) != tc.kept {
					t.Errorf("what its own had is known: %t", !tc.kept)
				}
				s.wantRole("another's", others[0], map[bool]host.Role{true: host.Held, false: host.Absent}[tc.kept])
				if (len(store.forgotten) == partitions) == tc.kept {
					t.Errorf("forgotten on disk: %v", store.forgotten)
				}
				s.settle(t.Context(), s.now())
				if want := tc.kept && !tc.silent; slices.Equal(*pushed, others) != want {
					t.Errorf("pushed: %v of %v", *pushed, others)
				}
			})
		})
	}
}

// TestOldDiskTakesNothing before it is known whether it counts: what it had would be merged with
// that, and so come back.
func TestOldDiskTakesNothing(t *testing.T) {
	s, _ := newOld(t)
	p := s.owned(s.Self)
	if s.other(formed, p); s.arrives(one, p, empty(t, p)) {
		t.Error("a push was taken before the others were asked")
	}
	s.settle(t.Context(), s.now())
	if s.wantRole("asked", p, host.Absent); !s.arrives(one, p, empty(t, p)) {
		t.Error("a push was not taken after that")
	}
	if s.wantRole("pushed", p, host.Serving); s.isKnown(p) {
		t.Error("what the others had forgotten is back")
	}
}

// said is how far a node says that the cluster is.
func (s *still) said() stage {
	key := message.AppendUint64(nil, s.View().Key)
	reply, err := s.Holdings(s.t.Context(), one, message.NewReader(key))
	if err != nil {
		s.t.Fatal(err)
	}
	return stage(reply[1])
}

// TestRipe: a cluster is ripe some time after it has formed. A gateway never says so, as it
// outlives a stop of all owners.
func TestRipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t)
		s.serveAll(nil)
		if got := s.said(); got != fresh {
			t.Errorf("it has just formed, and says %d", got)
		}
		time.Sleep(waitForOthers + time.Second)
		if got := s.said(); got != formed {
			t.Errorf("after a while it says %d", got)
		}
		s.Gateway = true
		if got := s.said(); got != fresh {
			t.Errorf("a gateway says %d", got)
		}
	})
}

// TestRipeIsLearnt: who joins a ripe cluster says at once that it is.
func TestRipeIsLearnt(t *testing.T) {
	s := newStill(t)
	s.learn(answer{came: true, same: true, stage: formed})
	if got := s.said(); got != fresh {
		t.Errorf("of a young cluster it says %d", got)
	}
	s.learn(answer{came: true, same: true, stage: formed, ripe: true})
	if got := s.said(); got != formed {
		t.Errorf("of a ripe cluster it says %d", got)
	}
}
