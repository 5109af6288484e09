package host

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/shard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// notebook is a sink that writes down what it is told, and when.
type notebook struct {
	mu        sync.Mutex
	start     time.Time
	lines     []string
	evictions []Eviction
}

func (n *notebook) Deliver(updates []Update) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, u := range updates {
		says := ""
		if s := u.View.Sayings; s != nil && s.InnerStatus.Text != "" {
			says = " " + s.InnerStatus.Text
		}
		n.lines = append(n.lines, fmt.Sprintf("%s %v%s %v", u.ID, u.View.Public, says, time.Since(n.start)))
	}
}

func (n *notebook) Evict(e Eviction) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.evictions = append(n.evictions, e)
}

func (n *notebook) Moved(partitions []int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf("moved %v", partitions))
}

func (n *notebook) take() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := strings.Join(n.lines, ", ")
	n.lines = nil
	return s
}

func inspect(h *Host, viewer, id string, devices bool) Record {
	r, _ := h.Inspect(viewer, id, devices)
	return r
}

// inBubble runs a host and a sink in virtual time.
func inBubble(t *testing.T, f func(t *testing.T, h *Host, id SinkID, n *notebook)) {
	synctest.Test(t, func(t *testing.T) {
		h, err := New(Config{Partitions: 100, Node: 1, Settings: DefaultSettings()})
		if err != nil {
			t.Fatal(err)
		}
		n := &notebook{start: time.Now()}
		id, err := h.AddSink(n)
		if err != nil {
			t.Fatal(err)
		}
		h.Start()
		defer h.Close()
		f(t, h, id, n)
		if err := h.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

func want(t *testing.T, n *notebook, lines string) {
	t.Helper()
	synctest.Wait()
	if got := n.take(); got != lines {
		t.Fatalf("told %q, want %q", got, lines)
	}
}

func TestExpiryIsToldWithinATick(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, id SinkID, n *notebook) {
		views, _ := watch(h, id, "ada")
		if views[0].Public != shard.Offline {
			t.Fatalf("snapshot %+v", views[0])
		}
		time.Sleep(30 * time.Millisecond) // into the tick
		h.Heartbeats([]Heartbeat{{"ada", "phone", shard.ActivityOnline}}, make([]shard.Outcome, 1))
		want(t, n, "ada online 30ms")
		time.Sleep(64970 * time.Millisecond)
		want(t, n, "")
		time.Sleep(130 * time.Millisecond) // 65.03 s after the heartbeat, and a tick
		want(t, n, "ada offline 1m5.1s")
	})
}

// TestTicksBeginOnTime starts a host in the middle of a tick.
func TestTicksBeginOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := New(Config{Partitions: 1, Settings: DefaultSettings()})
		if err != nil {
			t.Fatal(err)
		}
		n := &notebook{start: time.Now()}
		id, err := h.AddSink(n)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		watch(h, id, "ada")
		time.Sleep(90 * time.Millisecond)
		h.Start()
		h.Attach("ada", "phone", shard.ActivityOnline)
		want(t, n, "ada online 90ms")
		time.Sleep(66 * time.Second)
		want(t, n, "ada offline 1m5.1s")
	})
}

func TestUnwatchedIsNotTold(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, id SinkID, n *notebook) {
		watch(h, id, "ada", "ben")
		watch(h, id, "ada") // again: harmless
		h.Unwatch(id, []string{"ada"})
		for _, who := range []string{"ada", "ben"} {
			h.Attach(who, "phone", shard.ActivityIdle)
		}
		want(t, n, "ben idle 0s")
		if got := h.Stats().Watched; got != 1 {
			t.Fatalf("%d ids are watched", got)
		}
	})
}

func TestEvictions(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, id SinkID, n *notebook) {
		watch(h, id, "ada")
		first, session, _ := h.Attach("ada", "phone", shard.ActivityOnline)
		_, second, _ := h.Attach("ada", "phone", shard.ActivityOnline)
		want(t, n, "ada online 0s")
		if got := n.evictions[0]; got != (Eviction{"ada", "phone", second, EvictReplaced}) {
			t.Fatalf("takeover: %+v", got)
		}
		if o, _ := h.Beat(first, shard.ActivityOnline); o != shard.Moved {
			t.Fatalf("the old handle: %d", o)
		}
		if _, o := h.Announce("ada", "phone", shard.ActivityOnline, session, Picked{}); o != shard.Replaced {
			t.Fatalf("the old session: %d", o)
		}
		h.SignOut("ada", "phone")
		synctest.Wait()
		if got := n.evictions[1]; got.Reason != EvictSignedOut || got.Below <= second {
			t.Fatalf("sign-out: %+v", got)
		}
		if _, o := h.Announce("ada", "phone", shard.ActivityOnline, second, Picked{}); o != shard.Gone {
			t.Fatalf("the signed-out session: %d", o)
		}
	})
}

// TestStandstill stops the process for longer than a deadline: nobody that was not heard meanwhile
// is called gone.
func TestStandstill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := New(Config{Partitions: 10, Settings: DefaultSettings()})
		if err != nil {
			t.Fatal(err)
		}
		h.Attach("ada", "phone", shard.ActivityOnline)
		state := func() shard.State { return inspect(h, "", "ada", false).State }
		time.Sleep(time.Hour) // no ticker: the process stands still
		h.Advance()
		if got := state(); got != shard.Online {
			t.Fatalf("after the standstill: %v", got)
		}
		if got := h.Stats().Stalls; got != 1 {
			t.Fatalf("%d standstills were counted", got)
		}
		h.Start()
		time.Sleep(64 * time.Second)
		if got := state(); got != shard.Online {
			t.Fatalf("its deadline did not move by the gap: %v", got)
		}
		time.Sleep(2 * time.Second)
		if got := state(); got != shard.Offline {
			t.Fatalf("it lives on as a ghost: %v", got)
		}
		h.Close()
	})
}

// TestStatsWhileWatching is for the race detector.
func TestStatsWhileWatching(t *testing.T) {
	h, err := New(Config{Partitions: 1, Settings: DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	sink, err := h.AddSink(&notebook{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			watch(h, sink, "ada")
			h.Unwatch(sink, []string{"ada"})
		}
	}()
	for range 1000 {
		h.Stats()
	}
	<-done
}

func TestBatchesAnswerInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, _ SinkID, _ *notebook) {
		const n = 3*chunk + 7
		beats := make([]Heartbeat, n)
		ids := make([]string, n)
		for i := range beats {
			ids[i] = fmt.Sprintf("p%d", i)
			beats[i] = Heartbeat{ids[i], "phone", shard.Activity(i % 2)}
		}
		h.Heartbeats(beats, make([]shard.Outcome, n))
		states := make([]shard.State, n)
		h.States("", ids, states, shard.Unknown)
		for i, s := range states {
			if s != shard.Idle+shard.State(i%2) {
				t.Fatalf("item %d is %v", i, s)
			}
		}
		handles := make([]Handle, 2*touchChunk+3)
		handles[1], _, _ = h.Attach("ada", "tab", shard.ActivityOnline)
		handles[2] = Handle{Partition: 60_000, Ref: handles[1].Ref}
		outcomes := make([]shard.Outcome, len(handles))
		h.Touch(handles, outcomes)
		for i, o := range outcomes {
			if (o == shard.Done) != (i == 1) {
				t.Fatalf("touch %d: outcome %d", i, o)
			}
		}
	})
}

func TestLastSeenIsATime(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, _ SinkID, _ *notebook) {
		time.Sleep(10 * time.Second)
		at := time.Now()
		h.Attach("ada", "phone", shard.ActivityOnline)
		time.Sleep(30 * time.Second)
		r := inspect(h, "ben", "ada", false)
		if d := at.Sub(r.LastSeen); d < 0 || d > 100*time.Millisecond {
			t.Fatalf("seen at %v, says %v", at, r.LastSeen)
		}
		if got := inspect(h, "ben", "nobody", true).LastSeen; !got.IsZero() {
			t.Fatalf("nobody was seen at %v", got)
		}
	})
}

func TestSettingsNameWhatIsOutOfBounds(t *testing.T) {
	for name, breakIt := range map[string]func(*Settings){
		"tick":               func(s *Settings) { s.Tick = time.Millisecond },
		"whole milliseconds": func(s *Settings) { s.Tick = 10*time.Millisecond + 1 },
		"heartbeat-interval": func(s *Settings) { s.HeartbeatInterval = 0 },
		"grace":              func(s *Settings) { s.Grace = -1 },
		"linger":             func(s *Settings) { s.Linger = -time.Second },
		"record-ttl":         func(s *Settings) { s.RecordTTL = 0 },
		"dm-window":          func(s *Settings) { s.DMWindow = 0 },
		"missed-heartbeats":  func(s *Settings) { s.MissedHeartbeats = 0 },
		"unattended-after":   func(s *Settings) { s.UnattendedAfter = -time.Second },
		"max-devices":        func(s *Settings) { s.MaxDevices = 0 },
		"max-windows":        func(s *Settings) { s.MaxExceptions = -1 },
		"ai-prefix":          func(s *Settings) { s.AIPrefixes = []string{"a b"} },
	} {
		s := DefaultSettings()
		breakIt(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(Config{Partitions: 0, Settings: DefaultSettings()}); err == nil {
		t.Error("no partitions were taken")
	}
}
