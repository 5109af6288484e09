package keep

import (
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestStatementsAreKept: what was said is there after a start, and after all was written anew. What
// has ended is not.
func TestStatementsAreKept(t *testing.T) {
	dir := t.TempDir()
	s, h := opened(t, dir, time.Now)
	p := h.PartitionOf("ada")
	h.Serve(p)
	s.Save(p)
	past, later := time.Now().Add(-time.Second).UnixMilli(), time.Now().Add(time.Hour).UnixMilli()
	for _, o := range []shard.Outcome{
		h.SetStatus("ada", shard.Status{Text: "first"}, false),
		h.SetOverrideUntil("ada", shard.OverrideAppearOffline, later),
		h.SetStatus("ada", shard.Status{Text: "second", Until: later}, false),
		h.SetClaim("ada", "call", past), h.SetClaim("ada", "calendar", later),
		h.Register("ada", shard.KindHelper, shard.UntilSilent),
	} {
		if o != shard.Done {
			t.Fatal(o)
		}
	}
	for range 3 {
		if err := s.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		closed(t, s)
		s, h = opened(t, dir, time.Now)
		h.Serve(p)
		a, _ := h.Account("ada")
		if a.Status.Text != "second" || a.Status.Until != later || a.Stood.Text != "first" || a.OverrideUntil != later ||
			len(a.Claims) != 1 || a.Claims[0].Source != "calendar" || a.Availability != shard.UntilSilent {
			t.Errorf("%+v is kept", a)
		}
		s.Save(p) // as a compaction does
	}
	closed(t, s)
}
