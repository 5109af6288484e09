package redis

import (
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
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
		Options:      contest.Options{Rounds: 2, Each: 200 * time.Millisecond, Subscribers: 10},
		Participants: 2500, Expiring: 50,
		Window: 300 * time.Millisecond, Interval: time.Second, Wait: 10 * time.Second,
	}
}

// newestRedis puts the Redis that make test fetches before the installed one, and reports whether
// it is there. Its hash fields can expire.
func newestRedis(t *testing.T) bool {
	t.Helper()
	dir, err := filepath.Abs("../../bin/redis")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "redis-server")); err != nil {
		t.Log("not fetched by make test: hash fields that expire are not compared with")
		return false
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return true
}

// TestSmoke runs all of it, and checks that the result is whole.
func TestSmoke(t *testing.T) {
	needRedis(t)
	works := []string{
		"memory of a participant (theirs: a string)", "memory of a participant with two devices (theirs: a hash)",
		"heartbeats (", "heartbeats for a poller", "ids fetched (", "deliveries, 1 ", "deliveries, 10 ",
		"offline is told late by, 99 % (theirs: keyspace", "offline is told late by, 99 % (theirs: a poller",
		"heartbeats over the peer link", "ids fetched over the peer link",
	}
	if newestRedis(t) {
		works = append(works,
			"memory of a participant with two devices (theirs: a hash whose fields expire)",
			"heartbeats (POST /v1/heartbeats of 1,000; a hash field that expires, pipelined)",
			"ids fetched (POST /v1/presence/query of 1,000; HVALS pipelined)",
			"offline is told late by, 99 % (theirs: events of hash fields)")
	}
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
	for _, work := range works {
		if !slices.ContainsFunc(r.Compared, func(c result.Comparison) bool { return strings.HasPrefix(c.Work, work) }) {
			t.Errorf("%q isn't compared", work)
		}
	}
	for _, c := range r.Compared {
		if c.Ours <= 0 || c.Theirs <= 0 || !versioned.MatchString(c.Rival) {
			t.Errorf("%s: %v, and %v of %q; want figures, and a version", c.Work, c.Ours, c.Theirs, c.Rival)
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

var versioned = regexp.MustCompile(`^(Redis|Valkey) \d+\.\d+\.\d+$`)

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
	if err == nil || !strings.Contains(err.Error(), `which here is "sleep 60", not Redis`) {
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

// TestARedisThatHoldsKeysIsRefused, in whatever database they are.
func TestARedisThatHoldsKeysIsRefused(t *testing.T) {
	needRedis(t)
	s, err := startStore(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	if _, err := s.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		p.Select(t.Context(), 3)
		p.Set(t.Context(), "precious", "x", 0)
		p.Select(t.Context(), 0)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := useStore(t.Context(), s.addr, [][]string{{"precious"}}); err == nil ||
		!strings.Contains(err.Error(), "it holds keys (db3:keys=1,") {
		t.Errorf("%v; want a refusal", err)
	}
	if info := s.Info(t.Context(), "keyspace").Val(); !strings.Contains(info, "db3:keys=1,") {
		t.Errorf("the key is gone: %q", info)
	}
	if _, err := useStore(t.Context(), "redis.example.com:6379", nil); err == nil ||
		!strings.Contains(err.Error(), "on this machine") {
		t.Errorf("%v; want a refusal", err)
	}
}

// TestAForeignRedisIsLeftAsItWas: it runs on, it sends the events that it sent before, and the keys
// of the run are gone, but not those that others have written meanwhile.
func TestAForeignRedisIsLeftAsItWas(t *testing.T) {
	needRedis(t)
	s, err := startStore(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	const sent = "KA"
	if err := s.send(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	r := &run{Options: tiny(), people: newPeople("participant", 1500)}
	other, err := useStore(t.Context(), s.addr, r.keys())
	if err != nil {
		t.Fatal(err)
	}
	if other.pid != s.pid || other.product != s.product {
		t.Errorf("process %d, %s; want %d, %s", other.pid, other.product, s.pid, s.product)
	}
	err = errors.Join(once(t.Context(), r.people, other.strings), once(t.Context(), r.people, other.seen),
		other.strings(t.Context(), vanishing(r.Expiring)), s.Set(t.Context(), "precious", "x", 0).Err())
	if err != nil {
		t.Fatal(err)
	}
	other.close()
	if n, there := s.DBSize(t.Context()).Val(), s.Exists(t.Context(), "precious").Val(); n != 1 || there != 1 {
		t.Errorf("%d keys are left, %d of another client; want that alone", n, there)
	}
	if sends := s.ConfigGet(t.Context(), eventsSetting).Val()[eventsSetting]; !strings.Contains(sends, "A") ||
		!strings.Contains(sends, "K") || strings.Contains(sends, "E") {
		t.Errorf("it sends events of %q; want %q", sends, sent)
	}
}

func TestProducts(t *testing.T) {
	for want, info := range map[string]string{
		"Redis 7.0.15": "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n",
		"Valkey 9.0.1": "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.0.1\r\n",
	} {
		if got := productOf(info); got != want {
			t.Errorf("%q; want %q", got, want)
		}
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
		"--rounds is 0":        func(o *Options) { o.Rounds = 0 }, // as in every comparison
		"--expiring is -1":     func(o *Options) { o.Expiring = -1 },
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
