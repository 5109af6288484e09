package host

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
)

// pipe is a Mirror that hands everything to another host, later.
type pipe struct {
	mu      sync.Mutex
	records map[int][][]byte
}

func newPipe() *pipe { return &pipe{records: map[int][][]byte{}} }

func (p *pipe) Put(partition int, records, extras []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.records[partition] = append(p.records[partition], slices.Concat(records, extras))
}

func (p *pipe) flush(t *testing.T, to *Host, source uint64) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for partition, all := range p.records {
		for _, r := range all {
			if err := to.Apply(partition, source, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	clear(p.records)
}

const partitions = 16

// pair is two hosts: a serves everything, b holds copies.
type pair struct {
	a, b *Host
	pipe *pipe
	gaps int
	note *notebook
	sink SinkID // of note, at a
}

func inPair(t *testing.T, f func(t *testing.T, p *pair)) {
	synctest.Test(t, func(t *testing.T) {
		p := &pair{pipe: newPipe(), note: &notebook{start: time.Now()}}
		p.a = newMember(t, 1, p.pipe, func() { p.gaps++ })
		p.b = newMember(t, 2, newPipe(), nil)
		var err error
		if p.sink, err = p.a.AddSink(p.note); err != nil {
			t.Fatal(err)
		}
		for i := range partitions {
			p.a.Serve(i)
			p.fill(t, p.b, i)
		}
		f(t, p)
		for _, h := range []*Host{p.a, p.b} {
			if err := h.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}

// other is the host at the other end, and the name by which copies know it.
func (p *pair) other(h *Host) (*Host, uint64) {
	if h == p.a {
		return p.b, 2
	}
	return p.a, 1
}

// fill makes a copy of the other host's partition.
func (p *pair) fill(t *testing.T, to *Host, partition int) {
	t.Helper()
	from, source := p.other(to)
	snapshot, whole := from.Snapshot(partition)
	if err := to.Fill(partition, source, snapshot, whole); err != nil {
		t.Fatal(err)
	}
}

// merge hands over what the other host has.
func (p *pair) merge(t *testing.T, to *Host, partition int) {
	t.Helper()
	from, source := p.other(to)
	snapshot, whole := from.Snapshot(partition)
	if err := to.Merge(partition, source, snapshot, whole); err != nil {
		t.Fatal(err)
	}
}

func newMember(t *testing.T, node uint64, m Mirror, gap func()) *Host {
	h, err := New(Config{Partitions: partitions, Node: node, Settings: DefaultSettings(), Mirror: m, Gap: gap})
	if err != nil {
		t.Fatal(err)
	}
	h.Start()
	t.Cleanup(h.Close)
	return h
}

func states(h *Host, ids ...string) string {
	out := make([]shard.State, len(ids))
	missing := h.States("", ids, out, shard.Unknown)
	return fmt.Sprint(out, missing)
}

func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestNothingIsServedAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMember(t, 1, newPipe(), nil)
		wantText(t, "states", states(h, "ada"), "[unknown] 1")
		if _, _, o := h.Attach("ada", "tab", shard.ActivityOnline); o != shard.NotMine {
			t.Errorf("attach: %v", o)
		}
		if o := h.SetOverride("ada", shard.OverrideBusy); o != shard.NotMine {
			t.Errorf("override: %v", o)
		}
		outcomes := make([]shard.Outcome, 2)
		h.Heartbeats([]Heartbeat{{"ada", "tab", 0}, {"ben", "tab", 0}}, outcomes)
		if outcomes[0] != shard.NotMine || outcomes[1] != shard.NotMine {
			t.Errorf("heartbeats: %v", outcomes)
		}
		sink, err := h.AddSink(&notebook{})
		if err != nil {
			t.Fatal(err)
		}
		if _, answers := watch(h, sink, "ada"); answers[0] != Missing {
			t.Errorf("watch: %v", answers)
		}
	})
}

func TestCopyAnswersAndIsPromoted(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		handle, _, _ := p.a.Attach("ada", "tab", shard.ActivityIdle)
		p.a.SetOverride("ben", shard.OverrideBusy)
		p.pipe.flush(t, p.b, 1)
		time.Sleep(40 * time.Second)
		wantText(t, "the copy", states(p.b, "ada", "ben"), "[idle offline] 0")
		p.a.Beat(handle, shard.ActivityOnline)
		p.pipe.flush(t, p.b, 1)
		time.Sleep(100 * time.Second)
		synctest.Wait()
		wantText(t, "the owner, after the deadline", states(p.a, "ada"), "[offline] 0")
		wantText(t, "the copy, not told", states(p.b, "ada"), "[online] 0")
		for i := range partitions {
			p.b.Serve(i)
		}
		time.Sleep(64 * time.Second)
		wantText(t, "promoted", states(p.b, "ada"), "[online] 0")
		time.Sleep(2 * time.Second)
		wantText(t, "a deadline later", states(p.b, "ada"), "[offline] 0")
		if o, _ := p.b.Beat(handle, shard.ActivityOnline); o != shard.Moved {
			t.Errorf("a handle of the old owner: %v", o)
		}
	})
}

func TestPartitionMoves(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		handle, _, _ := p.a.Attach("ada", "phone", shard.ActivityIdle)
		p.a.SetOverride("ada", shard.OverrideBusy)
		p.a.SetKind("bot", shard.KindHelper)
		watch(p.a, p.sink, "ada")
		for i := range partitions {
			p.a.Hold(i)
			p.merge(t, p.b, i)
			p.b.Serve(i)
		}
		synctest.Wait()
		wantText(t, "a sink", p.note.take(), fmt.Sprintf("moved [%d]", p.a.partitionOf(shard.KeyOf("ada"))))
		if o, _ := p.a.Beat(handle, shard.ActivityIdle); o != shard.NotMine {
			t.Errorf("a beat at the old owner: %v", o)
		}
		wantText(t, "the new owner", states(p.b, "ada", "bot", "ben"), "[busy online offline] 0")
		p.b.SetOverride("ada", shard.OverrideAuto) // its stamp must be above the merged one, whatever its clock says
		if got := inspect(p.b, "ada", "ada", false).Self; got != shard.Idle {
			t.Errorf("after auto: %v", got)
		}
		for i := range partitions {
			p.a.Drop(i)
			p.merge(t, p.a, i)
			p.a.Serve(i)
		}
		if o, _ := p.a.Beat(handle, shard.ActivityIdle); o != shard.Moved {
			t.Errorf("a handle of the first tenancy: %v", o)
		}
	})
}

// TestNoHandleOutlivesATenancy brings a partition back as a copy: a handle from before must not fit
// whoever has the slot now.
func TestNoHandleOutlivesATenancy(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		n := p.a.partitionOf(shard.KeyOf("ada"))
		old, _, _ := p.a.Attach("ada", "tab", shard.ActivityIdle)
		p.pipe.flush(t, p.b, 1)
		p.b.Serve(n)
		p.a.Drop(n)
		p.fill(t, p.a, n)
		p.a.Serve(n)
		if o, _ := p.a.Beat(old, shard.ActivityOnline); o != shard.Moved {
			t.Errorf("the old handle: %v", o)
		}
		now, o := p.a.Announce("ada", "tab", shard.ActivityOnline, p.a.stamps.next(), Picked{})
		if o != shard.Done || now.Ref.Slot != old.Ref.Slot || now.Ref.Generation <= old.Ref.Generation+1 {
			t.Errorf("%v, then %v (%v): the generations of the two tenancies meet", old, now, o)
		}
	})
}

func TestCopyRefuses(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		if err := p.b.Apply(0, 9, nil); !errors.Is(err, ErrNoCopy) {
			t.Errorf("records of somebody else: %v", err)
		}
		snapshot, _ := p.b.Snapshot(0)
		if err := p.a.Fill(0, 2, snapshot, true); !errors.Is(err, ErrNoCopy) {
			t.Errorf("a copy of what is served: %v", err)
		}
		if err := p.b.Merge(0, 1, []byte("rubbish"), true); !errors.Is(err, shard.ErrSnapshot) || p.b.Role(0) != Copy {
			t.Errorf("rubbish: %v, the role is %v", err, p.b.Role(0))
		}
	})
}

func TestWarming(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		for i := range partitions {
			p.a.Drop(i)
			p.a.Warm(i)
		}
		p.a.Announce("ada", "tab", shard.ActivityOnline, p.a.stamps.next(), Picked{Version: shard.NeverPicked})
		views, _ := watch(p.a, p.sink, "ada", "ben")
		if views[0].Public != shard.Online || views[1].Public != shard.Unknown {
			t.Errorf("watched: %v", views)
		}
		if r := inspect(p.a, "", "ben", false); r.State != shard.Unknown {
			t.Errorf("inspected: %v", r)
		}
		wantText(t, "warming", states(p.a, "ada", "ben"), "[online unknown] 0")
		p.a.SignOut("ada", "tab")
		p.note.take()
		time.Sleep(64 * time.Second)
		wantText(t, "still warming", states(p.a, "ada", "ben"), "[unknown unknown] 0")
		wantText(t, "told", p.note.take(), "ada offline 0s")
		time.Sleep(2 * time.Second)
		wantText(t, "warm", states(p.a, "ada", "ben"), "[offline offline] 0")
		if told := p.note.take(); told == "" {
			t.Error("nobody was told to look again")
		}
	})
}

// TestLostIsNotDated: an AI is online whatever it has picked, so that it is shown in a partition
// that was lost; when it was last there isn't told until it is known that it doesn't hide that.
func TestLostIsNotDated(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		for i := range partitions {
			p.a.Drop(i)
			p.a.Warm(i)
		}
		p.a.Announce("model:ada", "tab", shard.ActivityOnline, p.a.stamps.next(), Picked{Version: shard.NeverPicked})
		if r := inspect(p.a, "", "model:ada", false); r.State != shard.Online || !r.LastSeen.IsZero() {
			t.Errorf("not known to hide: %v", r)
		}
		p.a.SetOverride("model:ada", shard.OverrideAuto)
		if r := inspect(p.a, "", "model:ada", false); r.LastSeen.IsZero() {
			t.Errorf("known not to hide: %v", r)
		}
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		p.a.SetOverride("ada", shard.OverrideAppearOffline)
		if r := inspect(p.a, "", "ada", false); r.State == shard.Online || !r.LastSeen.IsZero() {
			t.Errorf("hides, and may have done so before: %v", r)
		}
		time.Sleep(50 * time.Second)
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		time.Sleep(20 * time.Second)
		if r := inspect(p.a, "", "ada", false); r.State != shard.Offline || !r.LastSeen.IsZero() {
			t.Errorf("a deadline later: %v", r)
		}
	})
}

// TestRecalledIsNotDated: a gateway remembers that somebody hides, not since when. What was heard
// of them before it said so isn't told.
func TestRecalledIsNotDated(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		picked := Picked{Override: shard.OverrideAppearOffline, Version: p.a.stamps.next()}
		p.a.Attach("ada", "phone", shard.ActivityOnline)
		p.a.Announce("ada", "tab", shard.ActivityOnline, p.a.stamps.next(), picked)
		if r := inspect(p.a, "", "ada", false); r.State != shard.Offline || !r.LastSeen.IsZero() {
			t.Errorf("hides: %v", r)
		}
		seen := func() time.Time { return inspect(p.a, "", "ben", false).LastSeen }
		p.a.Attach("ben", "tab", shard.ActivityOnline)
		p.a.SetOverride("ben", shard.OverrideAppearOffline)
		before := seen()
		same := Picked{Override: shard.OverrideAppearOffline, Version: picked.Version}
		p.a.Announce("ben", "tab", shard.ActivityOnline, p.a.stamps.next(), same)
		if after := seen(); before.IsZero() || after != before {
			t.Errorf("what is known better: before %v, after %v", before, after)
		}
	})
}

// TestGapEndsServing stops the world as SIGSTOP does.
func TestGapEndsServing(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		p.a.time.last.Add(int64(-5 * time.Minute))
		p.a.Advance()
		wantText(t, "after the gap", states(p.a, "ada"), "[unknown] 1")
		if p.gaps != 1 {
			t.Errorf("%d gaps were told", p.gaps)
		}
		for i := range partitions {
			p.a.Serve(i)
		}
		wantText(t, "confirmed", states(p.a, "ada"), "[online] 0")
	})
}

func TestSinkGoes(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		other := &notebook{start: time.Now()}
		id, err := p.a.AddSink(other)
		if err != nil {
			t.Fatal(err)
		}
		for _, sink := range []SinkID{id, p.sink} {
			watch(p.a, sink, "ada")
		}
		p.a.RemoveSink(id)
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		synctest.Wait()
		wantText(t, "who stayed", p.note.take(), "ada online 0s")
		wantText(t, "who left", other.take(), "")
		again := &notebook{start: time.Now()}
		if same, _ := p.a.AddSink(again); same != id {
			t.Errorf("the place of %d is not used again, but %d", id, same)
		}
		p.a.SignOut("ada", "tab")
		synctest.Wait()
		wantText(t, "who has the place now", again.take(), "")
	})
}

func TestDiskIsHeld(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		p.a.SetOverride("ada", shard.OverrideBusy)
		seen := time.Now()
		c := newMember(t, 3, newPipe(), nil)
		time.Sleep(30 * time.Second)
		for partition, all := range p.pipe.records {
			for _, r := range all {
				if err := c.Load(partition, seen, r); err != nil {
					t.Fatal(err)
				}
			}
		}
		c.Lapse()
		n := c.partitionOf(shard.KeyOf("ada"))
		if c.Role(n) != Held {
			t.Fatalf("loaded: %v", c.Role(n))
		}
		c.Serve(n)
		r := inspect(c, "ada", "ada", true)
		if r.State != shard.Offline || r.Override != shard.OverrideBusy ||
			r.LastSeen.Sub(seen).Abs() > 200*time.Millisecond {
			t.Errorf("%+v, was seen at %v", r, seen)
		}
	})
}

// TestYieldAndClaim: what was handed over follows its new owner, and is taken back with a full
// deadline for everybody when that dies.
func TestYieldAndClaim(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		n := p.a.partitionOf(shard.KeyOf("ada"))
		p.a.Hold(n)
		p.merge(t, p.b, n)
		p.b.Serve(n)
		p.a.Yield(n, 2)
		if source, follows := p.a.Source(n); source != 2 || follows || p.a.Role(n) != Copy {
			t.Fatalf("yielded: %v of %d, follows: %v", p.a.Role(n), source, follows)
		}
		wantText(t, "not filled yet", states(p.a, "ada"), "[unknown] 1")
		p.fill(t, p.a, n)
		time.Sleep(2 * time.Minute)
		p.a.Advance()
		wantText(t, "nobody expires here", states(p.a, "ada"), "[online] 0")
		views, answers := watch(p.a, p.sink, "ada")
		if answers[0] != Copied || views[0].Public != shard.Online || views[0].Order != 0 {
			t.Errorf("watched: %v, %v", answers, views)
		}
		p.a.Claim(n)
		if p.a.Role(n) != Held {
			t.Fatalf("claimed: %v", p.a.Role(n))
		}
		p.a.Serve(n)
		time.Sleep(time.Minute)
		wantText(t, "claimed", states(p.a, "ada"), "[online] 0")
		time.Sleep(10 * time.Second)
		wantText(t, "after a full deadline", states(p.a, "ada"), "[offline] 0")
		if err := p.a.Check(); err != nil {
			t.Error(err)
		}
	})
}

// TestStaleIsNotSure: what doesn't follow answers nothing, and when it is all there is, who isn't
// known to be there is unknown, here and wherever it is handed to; after a deadline it is whole
// again.
func TestStaleIsNotSure(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		n := p.a.partitionOf(shard.KeyOf("ada"))
		p.b.Stale(n)
		p.a.Attach("ada", "tab", shard.ActivityOnline) // which b never hears of
		p.a.SetOverride("ada", shard.OverrideBusy)
		wantText(t, "left behind", states(p.b, "ada"), "[unknown] 1")
		p.b.Claim(n)
		p.b.Serve(n)
		wantText(t, "served", states(p.b, "ada"), "[unknown] 0")
		p.b.Hold(n)
		p.a.Drop(n)
		p.merge(t, p.a, n)
		p.a.Serve(n)
		wantText(t, "handed on", states(p.a, "ada"), "[unknown] 0")
		p.b.Yield(n, 1)
		p.fill(t, p.b, n)
		wantText(t, "a copy of it", states(p.b, "ada"), "[unknown] 1")
		if p.a.Whole(n) || p.b.Whole(n) {
			t.Error("whole")
		}
		time.Sleep(66 * time.Second)
		wantText(t, "a deadline later", states(p.a, "ada"), "[offline] 0")
		p.fill(t, p.b, n)
		wantText(t, "a copy of that", states(p.b, "ada"), "[offline] 0")
	})
}

// TestWholeMakesWhole: what may miss something and what is whole are whole together, whichever
// comes first.
func TestWholeMakesWhole(t *testing.T) {
	for _, first := range []bool{true, false} {
		inPair(t, func(t *testing.T, p *pair) {
			n := p.a.partitionOf(shard.KeyOf("ada"))
			p.a.Attach("ada", "tab", shard.ActivityOnline)
			p.a.Hold(n)
			p.b.Drop(n)
			snapshot, _ := p.a.Snapshot(n)
			for _, whole := range []bool{first, !first} {
				if err := p.b.Merge(n, 3, snapshot, whole); err != nil {
					t.Fatal(err)
				}
			}
			p.b.Serve(n)
			wantText(t, "served", states(p.b, "ada", p.neighbour("ada")), "[online offline] 0")
		})
	}
}

// neighbour is somebody else in the same partition.
func (p *pair) neighbour(id string) string {
	n := p.a.partitionOf(shard.KeyOf(id))
	for i := 0; ; i++ {
		if other := fmt.Sprint(id, i); p.a.partitionOf(shard.KeyOf(other)) == n {
			return other
		}
	}
}

// TestDropsOnlyWhatIsLeftBehind: a copy that follows is somebody's backup.
func TestDropsOnlyWhatIsLeftBehind(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		if p.b.DropCopy(0) || p.b.Role(0) != Copy {
			t.Errorf("one that follows is %v", p.b.Role(0))
		}
		if p.b.Stale(0); !p.b.DropCopy(0) || p.b.Role(0) != Absent {
			t.Errorf("one that doesn't is %v", p.b.Role(0))
		}
		if p.a.DropCopy(0) || p.a.Role(0) != Serving {
			t.Errorf("what is served is %v", p.a.Role(0))
		}
	})
}

// TestWhoHidesIsToldWhileWarming: a change is told as it is, whatever else may be missing.
func TestWhoHidesIsToldWhileWarming(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		n := p.a.partitionOf(shard.KeyOf("ada"))
		p.a.Drop(n)
		p.a.Warm(n)
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		watch(p.a, p.sink, "ada")
		p.a.SetOverride("ada", shard.OverrideAppearOffline)
		synctest.Wait()
		wantText(t, "told", p.note.take(), "ada offline 0s")
	})
}

// TestGapIsNoticedByWhoAsks: the first question after a stop is not answered from what is old.
func TestGapIsNoticedByWhoAsks(t *testing.T) {
	for what, ask := range map[string]func(h *Host) bool{
		"states": func(h *Host) bool {
			return h.States("", []string{"ada"}, make([]shard.State, 1), shard.Unknown) == 0
		},
		"watch": func(h *Host) bool {
			_, answers := watch(h, 0, "ada")
			return answers[0] != Missing
		},
	} {
		inPair(t, func(t *testing.T, p *pair) {
			p.a.time.last.Add(int64(-5 * time.Minute))
			if ask(p.a) {
				t.Errorf("%s: answered", what)
			}
		})
	}
}

// TestLoadingTakesItsTime: a disk that is read for longer than a gap is loaded all the same.
func TestLoadingTakesItsTime(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.SetOverride("ada", shard.OverrideBusy)
		n := p.a.partitionOf(shard.KeyOf("ada"))
		snapshot, _ := p.a.Snapshot(n)
		c, err := New(Config{Partitions: partitions, Node: 3, Settings: DefaultSettings(), Mirror: newPipe()})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if err := c.LoadSnapshot(n, time.Now(), snapshot, true); err != nil {
			t.Fatal(err)
		}
		if err := c.LoadSnapshot(n, time.Now(), snapshot[:len(snapshot)-1], true); !errors.Is(err, shard.ErrSnapshot) {
			t.Errorf("a damaged one: %v", err)
		}
		c.Lapse()
		c.Serve(n)
		if got := inspect(c, "ada", "ada", false).Override; got != shard.OverrideBusy {
			t.Errorf("after a damaged snapshot the override is %v", got)
		}
	})
}

// TestSlowDiskLosesNothing: what a disk has given isn't in doubt because the rest takes long.
func TestSlowDiskLosesNothing(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		snapshot, _ := p.a.Snapshot(0)
		c, err := New(Config{Partitions: partitions, Node: 3, Settings: DefaultSettings(), Mirror: newPipe()})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 2 {
			if err := c.LoadSnapshot(n, time.Now(), snapshot, true); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
		}
		c.Lapse()
		if !c.Whole(0) || !c.Whole(1) {
			t.Errorf("whole: %v and %v", c.Whole(0), c.Whole(1))
		}
	})
}

// TestLostIsNotShown: of somebody in a partition that was lost it isn't known whether they hide,
// until somebody says so: a gateway that remembers, or they themselves. Meanwhile nobody sees
// anything of them.
func TestLostIsNotShown(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		for i := range partitions {
			p.a.Drop(i)
			p.a.Warm(i)
		}
		all := []string{"ada", "ben", "cleo", "model:bot"}
		watch(p.a, p.sink, append(all, "dan")...)
		p.a.SetOverride("dan", shard.OverrideBusy) // who isn't known to be there
		for _, id := range all[:3] {
			p.a.Attach(id, "tab", shard.ActivityOnline)
		}
		synctest.Wait()
		wantText(t, "told", p.note.take(), "")
		wantText(t, "strangers", states(p.a, all...), "[unknown unknown unknown online] 0")
		r := inspect(p.a, "stranger", "ada", false)
		if r.State != shard.Unknown || !r.LastSeen.IsZero() || inspect(p.a, "ada", "ada", false).Self != shard.Unknown {
			t.Errorf("inspected: %+v", r)
		}
		p.a.SetOverride("ada", shard.OverrideAppearOffline)
		p.a.Announce("ben", "tab", shard.ActivityIdle, p.a.stamps.next(), Picked{Version: shard.NeverPicked})
		p.a.Announce("cleo", "tab", shard.ActivityOnline, p.a.stamps.next(),
			Picked{Override: shard.OverrideBusy, Version: p.a.stamps.next()})
		synctest.Wait()
		told := strings.Split(p.note.take(), ", ")
		slices.Sort(told)
		wantText(t, "told then", fmt.Sprint(told), "[ada offline 0s ben idle 0s cleo busy 0s]")
		wantText(t, "strangers then", states(p.a, all...), "[unknown idle busy online] 0")
		time.Sleep(64 * time.Second)
		p.a.Attach("eve", "tab", shard.ActivityOnline)
		time.Sleep(2 * time.Second)
		wantText(t, "a deadline later", states(p.a, "ada", "eve"), "[offline online] 0")
	})
}

// TestCopiesDontAnswerAfterAGap: what was sent to a process that stood still was lost.
func TestCopiesDontAnswerAfterAGap(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		p.pipe.flush(t, p.b, 1)
		wantText(t, "before", states(p.b, "ada"), "[online] 0")
		p.b.time.last.Add(int64(-5 * time.Minute))
		wantText(t, "after", states(p.b, "ada"), "[unknown] 1")
	})
}

// TestStayWarm: as long as somebody says so, what may be missing is unknown.
func TestStayWarm(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		n := p.a.partitionOf(shard.KeyOf("ada"))
		p.a.Drop(n)
		p.a.Warm(n)
		for range 3 {
			time.Sleep(60 * time.Second)
			wantText(t, "warm", states(p.a, "ada"), "[unknown] 0")
			p.a.StayWarm()
		}
		time.Sleep(66 * time.Second)
		wantText(t, "cool", states(p.a, "ada"), "[offline] 0")
	})
}

// TestStatsWhileFilled: figures are asked for at any time, and a fill replaces the partition. The
// race detector tells.
func TestStatsWhileFilled(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		snapshot, whole := p.a.Snapshot(0)
		var both sync.WaitGroup
		both.Go(func() {
			for range 100 {
				if err := p.b.Fill(0, 1, snapshot, whole); err != nil {
					t.Error(err)
				}
			}
		})
		both.Go(func() {
			for range 100 {
				p.b.Stats()
			}
		})
		both.Wait()
	})
}
