package tenant

import (
	"slices"
	"testing"
	"unsafe"
)

func TestParticipant(t *testing.T) {
	ada, other, acme := Name("").Participant("ada"), Name("acme-2").Participant("ada"), Name("acme").Participant("ada")
	if ada == acme || acme == other || ada == other {
		t.Errorf("%q, %q and %q are three participants", ada, acme, other)
	}
	for p, want := range map[Participant]Name{ada: "", acme: "acme", other: "acme-2"} {
		if p.ID() != "ada" || p.Tenant() != want {
			t.Errorf("%q is %q of %q; want ada of %q", p, p.ID(), p.Tenant(), want)
		}
		if p.In("acme") != acme || p.In("") != ada {
			t.Errorf("%q in acme is %q, and in none %q", p, p.In("acme"), p.In(""))
		}
	}
}

func TestList(t *testing.T) {
	for _, name := range []Name{"", "acme"} {
		l := name.Participants([]string{"a", "日本", "c"})
		var ids []string
		for i := range l.Len() {
			if l.At(i).Tenant() != name || string(l.At(i)) != l.Keys()[i] {
				t.Errorf("%q is in no list of %q", l.At(i), name)
			}
			ids = append(ids, l.At(i).ID())
		}
		if !slices.Equal(ids, []string{"a", "日本", "c"}) {
			t.Errorf("the list of %q has %q", name, ids)
		}
	}
}

// Those who belong to no tenant pay nothing: the same bytes, and no allocation.
func TestNoTenantCostsNothing(t *testing.T) {
	id, ids := string([]byte("participant-1")), []string{"participant-2"}
	if p := Name("").Participant(id); unsafe.StringData(string(p)) != unsafe.StringData(id) ||
		unsafe.StringData(p.ID()) != unsafe.StringData(id) {
		t.Error("the id was copied")
	}
	n := testing.AllocsPerRun(100, func() {
		l := Name("").Participants(ids)
		if Name("").Participant(id).ID() != id || l.At(0).ID() != ids[0] {
			t.Error("another id")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkParticipants(b *testing.B) {
	for _, name := range []Name{"", "acme"} {
		b.Run("tenant="+string(name), func(b *testing.B) {
			ids := make([]string, 1000)
			b.ReportAllocs()
			for b.Loop() {
				for i := range ids {
					ids[i] = "participant-000000000001"
				}
				if name.Participants(ids).At(999).ID() == "" {
					b.Fatal("no id")
				}
			}
		})
	}
}
