package redis

import (
	"context"
	"errors"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type silent struct{}

func (silent) Phase(string, time.Duration) {}

var here = result.Machine{CPU: "test", Cores: 1, Go: "go", Commit: "unknown"}

func needRedis(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server; make test installs it")
	}
}

// tiny is a comparison of seconds, whose figures mean nothing.
func tiny() *Options {
	return &Options{
		Participants: 2500, Rounds: 2, Each: 200 * time.Millisecond, Subscribers: 10, Expiring: 50,
		Window: 300 * time.Millisecond, Interval: time.Second, Wait: 10 * time.Second,
	}
}

// TestSmoke runs all of it, and checks that the result is whole.
func TestSmoke(t *testing.T) {
	needRedis(t)
	link := func(context.Context, []int, string) (Linked, error) {
		return Linked{
			Heartbeats: Inside{[]float64{4e6, 5e6}, []float64{2e6, 2e6}},
			IDs:        Inside{[]float64{1e6, 1e6}, []float64{1e6, 1e6}},
			Notes:      []string{"100 % busy"},
		}, nil
	}
	r, err := Run(t.Context(), tiny(), here, silent{}, link)
	if err != nil {
		t.Fatal(err)
	}
	for _, work := range []string{
		"memory of a participant (", "memory of a participant with two devices", "heartbeats (",
		"heartbeats for a poller", "ids fetched (", "deliveries, 1 ",
		"deliveries, 10 ", "offline is told late by, 99 % (Redis: keyspace",
		"offline is told late by, 99 % (Redis: a poller", "heartbeats over the peer link",
		"ids fetched over the peer link",
	} {
		if !slices.ContainsFunc(r.Compared, func(c result.Comparison) bool { return strings.HasPrefix(c.Work, work) }) {
			t.Errorf("%q isn't compared", work)
		}
	}
	for _, c := range r.Compared {
		if c.Ours <= 0 || c.Theirs <= 0 {
			t.Errorf("%s: %v and %v", c.Work, c.Ours, c.Theirs)
		}
		if internal := strings.Contains(c.Work, "peer link"); (c.Label == "internal") != internal {
			t.Errorf("%s is labelled %q", c.Work, c.Label)
		}
	}
	for _, l := range r.Latencies {
		if l.Count != 50 {
			t.Errorf("%s: %d of 50 who vanished", l.Name, l.Count)
		}
	}
	if !slices.Contains(r.Notes, "link: 100 % busy") {
		t.Errorf("notes %q; want that of the link", r.Notes)
	}
	targets := 0
	for _, f := range r.Figures {
		if f.Target != nil {
			targets++
		}
	}
	if targets != 7 {
		t.Errorf("%d targets; want 7", targets)
	}
	if _, err := report.Plan(report.Wish{
		Participants: 1e6, Devices: 1.5, Watch: 50, Changes: 4, Interval: 30 * time.Second, Nodes: 3, Cores: 2,
		Memory: 8, Network: 1, Sockets: 20000, Fill: 0.6,
	}, []*result.Result{r}); err != nil {
		t.Error(err)
	}
}

// TestARunThatIsEndedEarly: its result has what was complete, and a note.
func TestARunThatIsEndedEarly(t *testing.T) {
	needRedis(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := tiny()
	r, err := Run(ctx, o, here, stopAt{"heartbeats", cancel}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Compared) != 2 || !strings.Contains(strings.Join(r.Notes, "\n"), "ended early") {
		t.Errorf("%d comparisons, notes %q; want the two of memory, and a note", len(r.Compared), r.Notes)
	}
}

// TestAMeasurementThatIsEndedIsNoConstant: a plan would compute with a rate of nearly nothing.
func TestAMeasurementThatIsEndedIsNoConstant(t *testing.T) {
	needRedis(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := tiny()
	o.Rounds = 1
	r, err := Run(ctx, o, here, stopAt{"heartbeats of Presence at a rate", cancel}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := r.Find(report.BeatsCPU); ok {
		t.Errorf("%q is %v", f.Name, f.Value)
	}
}

func TestAPaceThatIsNotKept(t *testing.T) {
	for _, c := range []struct {
		requests int64
		took     time.Duration
		share    float64
		noted    bool
	}{
		{300, 2990 * time.Millisecond, 1, false},
		{300, 3100 * time.Millisecond, 30. / 31, false},
		{300, 4 * time.Second, 0.75, true}, // it caught up afterwards
		{150, 3 * time.Second, 0.5, true},
	} {
		share := kept(c.requests, 3*time.Second, c.took)
		if math.Abs(share-c.share) > 1e-9 {
			t.Errorf("%d in %v: %v, want %v", c.requests, c.took, share, c.share)
		}
		r := &run{Run: &contest.Run{Result: &result.Result{}}}
		r.behind(share)
		if noted := strings.Contains(strings.Join(r.Result.Notes, ""), "fell behind"); noted != c.noted {
			t.Errorf("%v of the pace: notes %q", share, r.Result.Notes)
		}
	}
}

func TestAProcessThatIsNoRedis(t *testing.T) {
	other := exec.Command("sleep", "60")
	if err := other.Start(); err != nil {
		t.Skip(err)
	}
	err := isRedis(other.Process.Pid)
	_ = other.Process.Kill()
	_ = other.Wait()
	if err == nil || !strings.Contains(err.Error(), `which here is "sleep", not Redis`) {
		t.Errorf("%v; want a refusal", err)
	}
	if err := isRedis(other.Process.Pid); err == nil || !strings.Contains(err.Error(), "does not exist here") {
		t.Errorf("%v; want a refusal", err)
	}
}

// TestARedisNotStartedHereIsNoted: its cores and its configuration are unknown.
func TestARedisNotStartedHereIsNoted(t *testing.T) {
	needRedis(t)
	s, err := startStore(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := tiny()
	o.Redis = s.addr
	r, err := Run(ctx, o, here, stopAt{"heartbeats", cancel}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes,
		s.addr+" was not started here: it was not kept to one core") {
		t.Errorf("notes %q", notes)
	}
}

type stopAt struct {
	phase string
	stop  func()
}

func (s stopAt) Phase(name string, _ time.Duration) {
	if strings.HasPrefix(name, s.phase) {
		s.stop()
	}
}

func TestAForeignRedisIsNotFlushed(t *testing.T) {
	needRedis(t)
	s, err := startStore(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	if err := s.Set(t.Context(), "precious", "x", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := useStore(t.Context(), s.addr); err == nil ||
		!strings.Contains(err.Error(), "it holds 1 keys; it must be empty") {
		t.Errorf("%v; want a refusal", err)
	}
	if n := s.Exists(t.Context(), "precious").Val(); n != 1 {
		t.Error("the key is gone")
	}
	if _, err := useStore(t.Context(), "redis.example.com:6379"); err == nil ||
		!strings.Contains(err.Error(), "on this machine") {
		t.Errorf("%v; want a refusal", err)
	}
	if err := s.Del(t.Context(), "precious").Err(); err != nil {
		t.Fatal(err)
	}
	other, err := useStore(t.Context(), s.addr)
	if err != nil {
		t.Fatal(err)
	}
	if other.pid != s.pid {
		t.Errorf("process %d, want %d", other.pid, s.pid)
	}
	other.close()
	if err := s.Ping(t.Context()).Err(); err != nil {
		t.Errorf("a Redis that was there before was ended: %v", err)
	}
}

func TestWithoutRedisServerItSaysHow(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := startStore(t.Context(), nil); !errors.Is(err, ErrNoRedis) ||
		!strings.Contains(err.Error(), "apt-get install redis-server") {
		t.Error(err)
	}
}

func TestBounds(t *testing.T) {
	for want, spoil := range map[string]func(*Options){
		"--participants is 5":  func(o *Options) { o.Participants = 5 },
		"--rounds is 0":        func(o *Options) { o.Rounds = 0 },
		"--subscribers is 0":   func(o *Options) { o.Subscribers = 0 },
		"--expiring is -1":     func(o *Options) { o.Expiring = -1 },
		"--each is 1h0m0s":     func(o *Options) { o.Each = time.Hour },
		"--interval is 1ms":    func(o *Options) { o.Interval = time.Millisecond },
		"--window is 0s":       func(o *Options) { o.Window = 0 },
		"--wait is 24h0m0s; i": func(o *Options) { o.Wait = 24 * time.Hour },
	} {
		o := tiny()
		spoil(o)
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	if err := tiny().Check(); err != nil {
		t.Error(err)
	}
}
