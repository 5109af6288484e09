package shard

import (
	"fmt"
	"strings"
	"testing"
)

// heavy is an id of the length that ids may have in a tenant.
func heavy(i int) string {
	id := fmt.Sprintf("%08d", i)
	return InnerID(strings.Repeat("t", MaxTenant), strings.Repeat("x", MaxParticipantID-len(id))+id)
}

// TestAPartitionCanBeSent: at the limit nothing new is taken, of no kind, while what is there can
// be changed. What a snapshot has is then no more than that, and what participants without
// exceptions would have.
func TestAPartitionCanBeSent(t *testing.T) {
	set := large()
	set.MaxWeight = 1 << 20
	p := New(set, NewMemory(set), 0, Origin)
	v, others, n := versionAt(set, Origin), 0, 0
	add := []func(k Key, viewer string) Outcome{
		func(k Key, viewer string) Outcome { return p.SetBlock(k, viewerNamed(viewer), true, v) },
		func(k Key, viewer string) Outcome { return p.SetBlock(k, viewerNamed(viewer), false, v) },
		func(k Key, viewer string) Outcome { return p.OpenWindow(Origin, k, KeyOf(viewer), set.OriginMillis) },
		func(k Key, viewer string) Outcome {
			return p.SetEdge(Origin, k, viewerNamed(viewer), Edge{Deny, set.Time(Origin + 100)}, v)
		},
		func(k Key, viewer string) Outcome { return p.SetEdge(Origin, k, viewerNamed(viewer), Edge{}, v) },
	}
	for ; p.weight < 2*set.MaxWeight; n++ {
		v += 1 << versionNodeBits
		k := KeyOf(heavy(n / 1000))
		if p.find(k) == none {
			p.Heartbeat(Origin, k, "phone", ActivityOnline, 1)
			others += len(p.Snapshot(Origin, 1)) + len(p.Extras(Origin, nil))
			others += 2 * len(k.ID) // it is named by an extra, too
		}
		if o := add[n%len(add)](k, heavy(1e6+n)); o == Full {
			break
		} else if o != Done {
			t.Fatal(n, o)
		}
	}
	all, most := len(p.Snapshot(Origin, 1))+len(p.Extras(Origin, nil)), set.MaxWeight+others
	if all > most || all < set.MaxWeight/2 {
		t.Errorf("a snapshot has %d bytes; want %d at most, and not less than half", all, most)
	}
	v += 1 << versionNodeBits
	for i, f := range add {
		if o := f(KeyOf("new"), "anybody"); o != Full {
			t.Errorf("%d of a new participant: %d", i, o)
		}
		if o := f(KeyOf(heavy(0)), heavy(1e6+i)); o != Done {
			t.Errorf("%d of what is there: %d", i, o)
		}
	}
	room := func(k Key, peer string) Outcome { return p.HasRoom(Origin, k, KeyOf(peer), set.OriginMillis) }
	if o := room(KeyOf("new"), "anybody"); o != Full {
		t.Errorf("a window of a new participant: %d", o)
	}
	if o := room(KeyOf(heavy(0)), heavy(1e6+2)); o != Done {
		t.Errorf("a window that is there: %d", o)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}
