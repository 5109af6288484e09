package shard

import "testing"

// frozen is a partition in which ada's tab has a socket.
func frozen(t *testing.T, unattended Tick) (*Partition, Ref) {
	t.Helper()
	set := testSettings()
	set.Deadline, set.Unattended = 1<<20, unattended
	p := New(set, NewMemory(set), 0, Origin)
	r, _, o := p.Announce(Origin, Announcement{KeyOf("ada"), "tab", ActivityOnline, 1})
	if o != Done {
		t.Fatal(o)
	}
	return p, r
}

func wantState(t *testing.T, p *Partition, want State) {
	t.Helper()
	if got := p.State(KeyOf("ada"), viewerNamed("ben")); got != want {
		t.Errorf("ada is %v, want %v", got, want)
	}
}

func TestRestLastsUntilAHeartbeat(t *testing.T) {
	p, r := frozen(t, 80)
	p.TakeChanges(nil)
	for range 2 { // the second time it is so already
		if o := p.Rest(Origin+100, r); o != Done {
			t.Fatal(o)
		}
		wantState(t, p, Idle)
	}
	if len(p.changes) != 1 {
		t.Errorf("%d changes, want one", len(p.changes))
	}
	if o := p.Touch(Origin+110, r); o != Done {
		t.Fatal(o)
	}
	wantState(t, p, Idle)
	if o := p.Report(Origin+120, r, ActivityOnline); o != Done {
		t.Fatal(o)
	}
	wantState(t, p, Online)
}

// Another device speaks for ada; who has picked something is seen as before.
func TestRestOfOneDevice(t *testing.T) {
	p, r := frozen(t, 80)
	p.Heartbeat(Origin, KeyOf("ada"), "phone", ActivityOnline, 2)
	p.Rest(Origin+100, r)
	wantState(t, p, Online)
	p.Heartbeat(Origin+100, KeyOf("ada"), "phone", ActivityIdle, 3)
	wantState(t, p, Idle)
	p.SetOverride(Origin+100, KeyOf("ada"), OverrideAppearOffline, 4)
	p.Report(Origin+100, r, ActivityOnline)
	p.TakeChanges(nil)
	p.Rest(Origin+200, r)
	wantState(t, p, Offline)
	p.TakeChanges(func(c Change) {
		if c.View.Public != Offline || c.View.Self != AppearOffline {
			t.Errorf("who hides is told to others: %+v", c)
		}
	})
}

// A heartbeat by name counts for at least as long as one by the socket does, and hardly longer.
func TestRestAfterAHeartbeatByName(t *testing.T) {
	for _, unattended := range []Tick{1, 7, 80, 1801} {
		step := max(unattended/saidSteps, 1)
		for elapsed := Tick(0); elapsed < 12*unattended; elapsed += max(unattended/60, 1) {
			for at := Origin; at < Origin+300*step; at += 13 * step { // wherever the clock stands
				p, r := frozen(t, unattended)
				p.Heartbeat(at, KeyOf("ada"), "tab", ActivityOnline, 2)
				switch o := p.Rest(at+elapsed, r); {
				case elapsed < unattended && o != Attended:
					t.Fatalf("%d of %d ticks after a heartbeat by name: %d", elapsed, unattended, o)
				case elapsed > unattended+unattended/saidSteps+saidSteps+1 && o != Done:
					t.Fatalf("%d ticks after the latest heartbeat of any sort, with %d: %d", elapsed, unattended, o)
				}
			}
		}
	}
}

func TestRestWithAStaleHandle(t *testing.T) {
	p, r := frozen(t, 80)
	if _, taken, _ := p.Announce(Origin+1, Announcement{KeyOf("ada"), "tab", ActivityOnline, 2}); !taken {
		t.Fatal("not taken")
	}
	if o := p.Rest(Origin+100, r); o != Moved {
		t.Errorf("the older socket's rest: %d", o)
	}
	wantState(t, p, Online)
}

// Whoever takes the partition over knows that the device rests.
func TestRestSurvivesItsOwner(t *testing.T) {
	p, r := frozen(t, 80)
	p.Mirror(true)
	backup := NewCopy(p.settings, NewMemory(p.settings), 0, Origin)
	ceiling := Version(1 << 62)
	if _, err := backup.Fill(Origin, 0, p.Snapshot(Origin, 9), ceiling); err != nil {
		t.Fatal(err)
	}
	p.Heartbeat(Origin+1, KeyOf("ada"), "tab", ActivityOnline, 2) // what is noted of it stays here
	p.Rest(Origin+200, r)
	if _, err := backup.Apply(Origin+200, 0, p.TakeRecords(Origin+200, nil), ceiling); err != nil {
		t.Fatal(err)
	}
	backup.Promote(Origin + 201)
	wantState(t, backup, Idle)

	heir := New(p.settings, NewMemory(p.settings), 0, Origin)
	if _, err := heir.Merge(Origin+201, p.Snapshot(Origin+201, 10), ceiling); err != nil {
		t.Fatal(err)
	}
	wantState(t, heir, Idle)
}
