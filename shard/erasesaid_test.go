package shard

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestWhatIsSaidIsErased: nothing of it is left, and what is older doesn't come back, in whatever
// way.
func TestWhatIsSaidIsErased(t *testing.T) {
	set := testSettings()
	ada, v := KeyOf("ada"), lastOf(set.OriginMillis)
	say := func() *Partition {
		p := New(set, NewMemory(set), 0, Origin)
		p.Mirror(true)
		p.SetStatus(Origin, ada, Status{Text: "stoodword"}, false, v-9)
		p.SetOverrideUntil(Origin, ada, OverrideAppearOffline, set.Time(Origin+90), v-8)
		p.SetStatus(Origin, ada, Status{Text: "innerword"}, false, v-7)
		p.SetClaim(Origin, ada, "sourceword", set.Time(Origin+90), v-6)
		p.SetAvailability(Origin, ada, UntilSilent, v-5)
		return p
	}
	told := say()
	all := Extended(told.Snapshot(Origin, 7), told.Extras(Origin, nil))
	records := told.TakeExtras(Origin, told.TakeRecords(Origin, nil))
	for name, bring := range map[string]func(p *Partition) error{
		"nothing":    func(*Partition) error { return nil },
		"a snapshot": func(p *Partition) error { _, err := p.Merge(Origin, all, ceiling); return err },
		"records":    func(p *Partition) error { _, err := p.Apply(Origin, 0, records, ceiling); return err },
	} {
		p := say()
		p.Erase(ada, v, set.OriginMillis)
		names := fmt.Sprintf("%q", pagesOf(&p.names))
		for _, word := range []string{"ada", "stoodword", "innerword", "sourceword"} {
			if strings.Contains(names, word) {
				t.Errorf("%s is in memory", word)
			}
		}
		if err := bring(p); err != nil {
			t.Fatal(name, err)
		}
		if h := p.Account(Origin, ada); !reflect.DeepEqual(h, Account{}) || p.said != 0 || p.weight != 0 {
			t.Errorf("%s: it is back: %+v, %d statements of %d bytes", name, h, p.said, p.weight)
		}
		if err := p.Check(); err != nil {
			t.Error(err)
		}
	}
}
