package host

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/shard"
)

// TestErase: who watches is told, the sockets are closed, the copy forgets too, and others' windows
// go by Strike.
func TestErase(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		p.a.SetOverride("ada", shard.OverrideBusy)
		now := time.Now().UnixMilli()
		p.a.OpenWindow("ada", "ben", now)
		p.a.OpenWindow("ben", "ada", now)
		p.a.Watch(p.sink, []Question{{ID: "ada"}}, make([]Sight, 1), func() {})
		p.pipe.flush(t, p.b, 1)
		p.note.take()

		e, o := p.a.Erase("ada")
		served, told := p.a.Strike(shard.Erasures{e})
		p.pipe.flush(t, p.b, 1)
		time.Sleep(time.Second)
		if o != shard.Done || len(served) != partitions || len(told) != 2 {
			t.Errorf("outcome %d; %d partitions served, %v told", o, len(served), told)
		}
		if got := p.note.take(); got == "" {
			t.Error("who watches is not told")
		}
		if ev := p.note.evictions; len(ev) != 1 || ev[0] != (Eviction{"ada", "tab", e.Version + 1, EvictSignedOut}) {
			t.Errorf("evictions: %+v", ev)
		}
		for name, h := range map[string]*Host{"the owner": p.a, "the copy": p.b} {
			for _, id := range []string{"ada", "ben"} {
				if held, ok := h.Account(id); !ok || !cmp.Equal(held, Account{}) {
					t.Errorf("%s holds of %s: %+v", name, id, held)
				}
			}
			if h.Struck() == 0 {
				t.Errorf("%s has counted nothing", name)
			}
		}
		if all, more := p.a.Erasures(nil, 10); len(all) != 2 || more || p.a.Stats().Erasures != 2 {
			t.Errorf("remembered: %v, %d", all, p.a.Stats().Erasures)
		}
		if _, o := p.b.Erase("ada"); o != shard.NotMine {
			t.Errorf("at the copy: %d", o)
		}
	})
}

// TestErasureOfACopyThatIsPushed: what a node has kept from before doesn't win when it is handed
// over.
func TestErasureOfACopyThatIsPushed(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.SetOverride("ada", shard.OverrideBusy)
		p.pipe.flush(t, p.b, 1)
		n := p.a.PartitionOf("ada")
		if _, o := p.a.Erase("ada"); o != shard.Done {
			t.Fatal(o)
		}
		p.b.Claim(n)
		old, whole := p.b.Snapshot(n)
		if err := p.a.Merge(n, 2, old, whole); err != nil {
			t.Fatal(err)
		}
		if held, _ := p.a.Account("ada"); !cmp.Equal(held, Account{}) {
			t.Errorf("it is back: %+v", held)
		}
		if session, _, o := p.a.Attach("ada", "tab", shard.ActivityOnline); o != shard.Done {
			t.Errorf("a new hello: %v, %d", session, o)
		}
		p.pipe.records = map[int][][]byte{}
	})
}

// TestAccount reads the times, too.
func TestAccount(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		now := time.Now()
		p.a.Attach("ada", "tab", shard.ActivityIdle)
		p.a.SetKind("ada", shard.KindModel)
		p.a.SetOverride("ada", shard.OverrideAppearOffline)
		p.a.OpenWindow("ada", "ben", now.Add(-time.Hour).UnixMilli())
		want := Account{
			Override: shard.OverrideAppearOffline, OverrideAt: now, ShownSeen: now,
			Kind: shard.KindModel, KindAt: now, LastSeen: now,
			Devices: []KeptDevice{{"tab", shard.DeviceLive, shard.ActivityIdle, now, now}},
			Windows: []KeptWindow{{"ben", now.Add(-time.Hour), now.Add(23 * time.Hour)}},
		}
		p.pipe.flush(t, p.b, 1)
		for _, h := range []*Host{p.a, p.b} {
			if got, ok := h.Account("ada"); !ok || !cmp.Equal(got, want) {
				t.Errorf("%v, %s", ok, cmp.Diff(want, got))
			}
		}
	})
}
