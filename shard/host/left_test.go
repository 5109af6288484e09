package host

import (
	"errors"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestLeft: who was here, or had a window with somebody here, may be in the files until these were
// written anew twice.
func TestLeft(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.OpenWindow("ada", "ben", time.Now().UnixMilli())
		p.pipe.flush(t, p.b, 1)
		may := func(want bool, when string) {
			t.Helper()
			for _, h := range []*Host{p.a, p.b} {
				for _, id := range []string{"ada", "ben"} {
					if h.MayHaveLeft(shard.KeyOf(id).Hash) != want {
						t.Errorf("%s: %s may have left: %t", when, id, !want)
					}
				}
				if h.MayHaveLeft(shard.KeyOf("zoe").Hash) {
					t.Errorf("%s: who was never here may have left", when)
				}
			}
		}
		rewrite := func(err error) {
			for _, h := range []*Host{p.a, p.b} {
				if got := h.Rewrite(func() error { return err }); got != err {
					t.Fatal(got)
				}
			}
		}
		may(false, "while they are here")
		p.a.Drop(p.a.PartitionOf("ada"))
		p.b.Drop(p.b.PartitionOf("ada"))
		may(true, "when their partition is gone")
		rewrite(nil)
		may(true, "after one rewrite")
		rewrite(errors.New("no room"))
		may(true, "after one, and one that failed")
		rewrite(errors.New("no room"))
		may(true, "after one, and two that failed")
		rewrite(nil)
		may(false, "after two")
		p.pipe.records = map[int][][]byte{}
	})
}

// TestLeftUnknown: files from before the start may have anybody, until they were written anew.
func TestLeftUnknown(t *testing.T) {
	h := newMember(t, 1, newPipe(), nil)
	h.LeftUnknown()
	_ = h.Rewrite(func() error { return errors.New("no room") })
	if !h.MayHaveLeft(7) {
		t.Error("after a rewrite that failed it is known")
	}
	_ = h.Rewrite(func() error { return nil })
	if h.MayHaveLeft(7) {
		t.Error("after a rewrite it isn't known")
	}
}
