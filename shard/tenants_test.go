package shard

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// formerNode reads as a node that knows no tenants: it knows one format of snapshots and three kinds
// of records, and refuses everything for one id that no client can say. It returns whom it has read
// of.
func formerNode(b []byte, snapshot bool) (names []string, err error) {
	check := func(ids ...string) {
		for _, id := range ids {
			if wrong := ValidateParticipant(id); wrong != nil && err == nil {
				err = fmt.Errorf("%w: %q", wrong, id)
			}
		}
		names = append(names, ids[0])
	}
	account := func(in incoming) {
		check(in.id)
		for _, w := range in.windows {
			check(in.id, w.peer)
		}
	}
	damaged := error(nil)
	if snapshot {
		visit := func(_ Version, in incoming) { account(in) }
		_, _, damaged = readParticipants(Origin, 0, b, taking{func([]Erasure) {}, visit, nil, nil, nil})
	} else {
		_, damaged = readRecords(Origin, 0, b, taker{
			func([]Erasure) {}, account, func(id string, w incomingWindow) { check(id, w.peer) },
			func(in incomingExtra) { err = fmt.Errorf("an extra, of %q", in.id) },
			func(in opaque) { err = fmt.Errorf("an opaque fact, of %q", in.participant()) },
			func(in saying) { err = fmt.Errorf("a statement, of %q", in.participant) },
		})
	}
	if err == nil {
		err = damaged
	}
	slices.Sort(names)
	return slices.Compact(names), err
}

// TestFormerNodesReadNoTenants: whatever happens to participants of tenants and to others, a node
// that knows none reads what is no extra, and misses nobody without a tenant. A copy has everybody.
func TestFormerNodesReadNoTenants(t *testing.T) {
	tenants := [][]string{{"ada", "ben"}, {InnerID("acme", "ada"), InnerID("acme", "ben")}}
	rapid.Check(t, func(t *rapid.T) {
		set := testSettings()
		p, c := New(set, NewMemory(set), 0, Origin), NewCopy(set, NewMemory(set), 0, Origin)
		p.Mirror(true)
		var records, extras []byte
		for v := Version(1); v < 30; v++ {
			of := rapid.SampledFrom(tenants).Draw(t, "of")
			k, peer := KeyOf(of[v%2]), of[1-v%2]
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0, 1:
				p.Announce(Origin, Announcement{k, fmt.Sprint("tab", v%3), ActivityOnline, v << kindBits})
			case 2:
				p.SignOut(k, fmt.Sprint("tab", v%3), v<<kindBits)
			case 3:
				p.SetOverride(Origin, k, OverrideBusy, v<<kindBits)
			case 4:
				p.OpenWindow(Origin, k, KeyOf(peer), set.OriginMillis)
			case 5:
				p.SetBlock(k, viewerNamed(peer), v%2 == 0, v<<kindBits)
			case 6:
				records, extras = p.TakeRecords(Origin, records), p.TakeExtras(Origin, extras)
			}
		}
		records, extras = p.TakeRecords(Origin, records), p.TakeExtras(Origin, extras)
		if p.Noted() {
			t.Fatal("something is never written")
		}
		if names, err := formerNode(records, false); err != nil {
			t.Fatalf("records of %q: %v", names, err)
		}
		if _, err := c.Apply(Origin, 0, append(records, extras...), ceiling); err != nil {
			t.Fatal(err)
		}
		sameAccounts(t, p, c, slices.Concat(tenants...))

		all := Extended(p.Snapshot(Origin, 1), p.Extras(Origin, nil))
		former, _, _ := Parts(all)
		names, err := formerNode(former, true)
		if want := without(p, tenants[0]); err != nil || !slices.Equal(names, want) {
			t.Fatalf("a snapshot of %q: %v; want %q", names, err, want)
		}
		for _, read := range []func(q *Partition) (Version, error){
			func(q *Partition) (Version, error) { return q.Merge(Origin, all, ceiling) },
			func(q *Partition) (Version, error) { q.copy = true; return q.Fill(Origin, 0, all, ceiling) },
		} {
			q := New(set, NewMemory(set), 0, Origin)
			if _, err := read(q); err != nil {
				t.Fatal(err)
			}
			sameAccounts(t, p, q, slices.Concat(tenants...))
		}
	})
}

// without are those of ids that a partition has.
func without(p *Partition, ids []string) (there []string) {
	for _, id := range ids {
		if p.find(KeyOf(id)) != none {
			there = append(there, id)
		}
	}
	return there
}

func sameAccounts(t *rapid.T, p, q *Partition, ids []string) {
	t.Helper()
	if err := q.Check(); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		k := KeyOf(id)
		if got, want := fmt.Sprint(q.Account(Origin, k)), fmt.Sprint(p.Account(Origin, k)); got != want {
			t.Fatalf("%q:\ngot  %s\nwant %s", id, got, want)
		}
		for _, v := range ids {
			if got, want := q.State(k, viewerNamed(v)), p.State(k, viewerNamed(v)); got != want {
				t.Fatalf("%q is %v for %q; want %v", id, got, v, want)
			}
		}
	}
}
