package host

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
)

// in is a time from now, in Unix milliseconds.
func in(d time.Duration) int64 { return time.Now().Add(d).UnixMilli() }

// TestEndsDontMoveByAGap: while the process stands still devices can't be heard, and get the time
// back. A clock on a wall goes on: what ends meanwhile has ended.
func TestEndsDontMoveByAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := New(Config{Partitions: 10, Settings: DefaultSettings()})
		if err != nil {
			t.Fatal(err)
		}
		h.Attach("ada", "phone", shard.ActivityOnline)
		h.SetStatus("ada", shard.Status{Text: "soon", Until: in(30 * time.Minute)}, false)
		h.SetOverrideUntil("ada", shard.OverrideBusy, in(40*time.Minute))
		h.SetClaim("ada", "call", in(50*time.Minute))
		h.SetClaim("ada", "calendar", in(90*time.Minute))
		says := func() string {
			r := inspect(h, "ada", "ada", true)
			return fmt.Sprintln(r.State, r.Status.Text, r.OverrideUntil != 0, len(r.Claims))
		}
		wantText(t, "before", says(), "busy soon true 2\n")
		time.Sleep(time.Hour) // no ticker: the process stands still
		h.Advance()
		wantText(t, "after the standstill", says(), "busy  false 1\n")
		h.Start()
		for end := time.Now().Add(30*time.Minute + 100*time.Millisecond); time.Now().Before(end); {
			time.Sleep(30 * time.Second)
			h.Heartbeats([]Heartbeat{{"ada", "phone", shard.ActivityOnline}}, make([]shard.Outcome, 1))
		}
		wantText(t, "after the last one", says(), "online  false 0\n")
		h.Close()
	})
}

// TestEndsFollowTheClock: when the wall clock is set, or has gone on while the machine was
// suspended, what has ended by it is over at the next tick, and what hasn't stays until then.
// Devices keep what they had left.
func TestEndsFollowTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := New(Config{Partitions: 10, Settings: DefaultSettings()})
		if err != nil {
			t.Fatal(err)
		}
		var ahead atomic.Int64
		h.stamps.wall = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		h.Start()
		h.Attach("ada", "phone", shard.ActivityOnline)
		h.SetStatus("ada", shard.Status{Text: "soon", Until: in(time.Hour)}, false)
		h.SetClaim("ada", "call", in(30*time.Minute))
		h.SetOverrideUntil("ada", shard.OverrideAppearOffline, in(time.Hour+50*time.Second))
		says := func() string {
			r := inspect(h, "ada", "ada", true)
			return fmt.Sprintln(r.State, r.Status.Text, len(r.Claims))
		}
		for _, step := range []struct {
			ahead, passes time.Duration
			want          string
		}{
			{0, time.Second, "appear_offline soon 1"},
			{40 * time.Minute, 100 * time.Millisecond, "appear_offline soon 0"},
			{-time.Hour, time.Second, "appear_offline soon 0"},
			{time.Hour - 5*time.Second, 100 * time.Millisecond, "appear_offline soon 0"},
			{time.Hour, 100 * time.Millisecond, "appear_offline  0"},
			{time.Hour, 48 * time.Second, "online  0"},
		} {
			ahead.Store(int64(step.ahead))
			time.Sleep(step.passes + time.Millisecond)
			wantText(t, fmt.Sprint(step.ahead), says(), step.want+"\n")
		}
		h.Close()
	})
}

// TestEndsComeInAPause: who may not call anybody gone still knows what time it is.
func TestEndsComeInAPause(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Attach("ada", "phone", shard.ActivityOnline)
		p.a.SetStatus("ada", shard.Status{Text: "soon", Until: in(10 * time.Second)}, false)
		p.a.SetClaim("ada", "call", in(20*time.Second))
		p.a.SetEdges("ada", []Edge{{"ben", shard.Edge{Allow: shard.Deny, Until: in(30 * time.Second)}}},
			make([]shard.Outcome, 1))
		p.a.Pause()
		says := func() string {
			r := inspect(p.a, "", "ada", false)
			return fmt.Sprintln(r.State, r.Status.Text, inspect(p.a, "ben", "ada", false).State)
		}
		for _, want := range []string{"busy soon offline", "busy  offline", "online  offline", "online  online"} {
			wantText(t, "in the pause", says(), want+"\n")
			time.Sleep(10*time.Second + 100*time.Millisecond)
		}
	})
}

// TestStatusIsTold: who watches hears of a change of what was said, and asks for what is said
// already.
func TestStatusIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, id SinkID, n *notebook) {
		h.SetStatus("ada", shard.Status{Text: "first"}, false)
		sights := make([]Sight, 2)
		with := []Question{{ID: "ada", With: shard.WithStatus}, {ID: "ada"}}
		h.Watch(id, with, sights, func() {})
		if s := sights[0].View.Sayings; s == nil || s.PublicStatus.Text != "first" || sights[1].View.Sayings != nil {
			t.Errorf("asked for: %+v, and not: %+v", s, sights[1].View.Sayings)
		}
		h.SetStatus("ada", shard.Status{Text: "second", Until: in(150 * time.Millisecond)}, false)
		want(t, n, "ada offline second 0s")
		time.Sleep(time.Second)
		want(t, n, "ada offline 200ms")
		h.SetOverrideUntil("ada", shard.OverrideBusy, in(time.Second))
		want(t, n, "ada offline 1s")
		h.Attach("ada", "phone", shard.ActivityOnline)
		want(t, n, "ada busy 1s")
		time.Sleep(2 * time.Second)
		want(t, n, "ada online 2s")
	})
}

// TestStatuses: an answer has what was asked for, and nothing of who isn't here.
func TestStatuses(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Heartbeats([]Heartbeat{{"ada", "phone", shard.ActivityOnline}}, make([]shard.Outcome, 1))
		p.a.SetStatus("ada", shard.Status{Emoji: "🚆", Text: "train"}, false)
		p.a.SetVisibility("ben", shard.VisibilityChange{
			Visibility: shard.Visibility{LastSeen: shard.SeenCoarse}, SetLastSeen: true,
		})
		p.a.Heartbeats([]Heartbeat{{"ben", "phone", shard.ActivityOnline}}, make([]shard.Outcome, 1))
		seen := time.Now().UnixMilli()
		asked := []Judged{{ID: "ada"}, {ID: "ada", Said: shard.Denied}, {ID: "ben"}, {ID: "cleo"}}
		answers := make([]shard.Seen, len(asked))
		p.a.Statuses("dan", asked, shard.WithStatus|shard.WithLastSeen, answers, shard.Unknown)
		day := seen - seen%(24*time.Hour).Milliseconds()
		for i, want := range []shard.Seen{
			{State: shard.Online, Status: shard.Status{Emoji: "🚆", Text: "train"}, LastSeen: seen},
			{State: shard.Offline},
			{State: shard.Online, LastSeen: day, Coarse: true},
			{State: shard.Offline},
		} {
			if answers[i] != want {
				t.Errorf("%+v is answered %+v, want %+v", asked[i], answers[i], want)
			}
		}
		p.a.Statuses("dan", asked, 0, answers, shard.Unknown)
		if want := (shard.Seen{State: shard.Online}); answers[0] != want {
			t.Errorf("nothing else was asked for: %+v", answers[0])
		}
	})
}

// BenchmarkStatuses asks for statuses of a crowd of whom a tenth have one, in turn with asking for
// states alone. It reports the medians, and the rate of the one by that of the other.
func BenchmarkStatuses(b *testing.B) {
	const many = 1000
	n := sized(1_000_000)
	c := newCrowd(b, n, 1)
	defer c.Close()
	for i := 0; i < n; i += 10 {
		c.SetStatus(benchID(i), shard.Status{Text: "on a train, back at 5"}, false)
	}
	ids, asked := make([]string, many), make([]Judged, many)
	states, seen := make([]shard.State, many), make([]shard.Seen, many)
	var plain, with []time.Duration
	for at, round := 0, 0; round < b.N; round++ {
		for i := range ids {
			at = (at + 7919) % n
			ids[i] = benchID(at)
			asked[i].ID = benchID((at + n/2) % n)
		}
		begin := time.Now()
		c.States("dan", ids, states, shard.Unknown)
		middle := time.Now()
		c.Statuses("dan", asked, shard.WithStatus, seen, shard.Unknown)
		plain, with = append(plain, middle.Sub(begin)), append(with, time.Since(middle))
	}
	slices.Sort(plain)
	slices.Sort(with)
	p, w := plain[len(plain)/2], with[len(with)/2]
	b.ReportMetric(float64(p.Nanoseconds())/many, "ns/state")
	b.ReportMetric(float64(w.Nanoseconds())/many, "ns/status")
	b.ReportMetric(float64(p)/float64(w), "of-the-rate")
	b.ReportMetric(0, "ns/op")
}
