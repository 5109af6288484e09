package centrifugo

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// TestMain also is the fake, when the comparison starts this program as Centrifugo.
func TestMain(m *testing.M) {
	if config, ok := strings.CutPrefix(os.Args[len(os.Args)-1], "--config="); ok {
		fmt.Fprintln(os.Stderr, serve(config))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

type silent struct{}

func (silent) Phase(string, time.Duration) {}

var here = result.Machine{CPU: "test", Cores: 1, Go: "go", Commit: "unknown"}

// tiny is a comparison of seconds, whose figures mean nothing.
func tiny() *Options {
	return &Options{
		Options: contest.Options{Rounds: 2, Each: 200 * time.Millisecond, Subscribers: 10}, Sockets: 150,
	}
}

// complete checks that all is compared, and that each row says with what.
func complete(t *testing.T, r *result.Result, rival string) {
	t.Helper()
	for _, work := range []string{
		"memory of an idle socket (", "connects (", "deliveries, 1 ", "ids asked for, 1 at", "ids asked for, 100 at",
	} {
		i := slices.IndexFunc(r.Compared, func(c result.Comparison) bool { return strings.HasPrefix(c.Work, work) })
		if i < 0 {
			t.Errorf("%q isn't compared", work)
			continue
		}
		c := r.Compared[i]
		if c.Ours == 0 || c.Theirs == 0 || c.Rival != rival {
			t.Errorf("%s: %v, and %v of %q; want figures, and %q", c.Work, c.Ours, c.Theirs, c.Rival, rival)
		}
		if _, ok := r.Find(c.Work + ": ours to " + rival); !ok {
			t.Errorf("%s has no figure", c.Work)
		}
	}
	if !slices.ContainsFunc(r.Processes, func(p result.Process) bool { return p.Kind == result.Centrifugo }) {
		t.Error("Centrifugo's process isn't in the result")
	}
}

// TestSmoke runs all of it with the fake, and checks that the result is whole.
func TestSmoke(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, err := against(t.Context(), self, "1.2.3", tiny(), here, silent{})
	if err != nil {
		t.Fatal(err)
	}
	complete(t, r, "Centrifugo 1.2.3")
}

// TestTheRealOne builds Centrifugo, which takes minutes, and runs all of it.
func TestTheRealOne(t *testing.T) {
	if os.Getenv("PRESENCE_TOOLS") != "full" {
		t.Skip("part of make tools")
	}
	r, err := Run(t.Context(), tiny(), here, silent{})
	if err != nil {
		t.Fatal(err)
	}
	complete(t, r, "Centrifugo "+strings.TrimPrefix(version, "v"))
}

// fakeServer is a fake in this process.
func fakeServer(t *testing.T) (*fake, *server) {
	f := newFake()
	h := httptest.NewServer(f)
	t.Cleanup(h.Close)
	c, err := target.Running([]string{h.URL}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	api := load.NewAPI(c)
	t.Cleanup(api.Close)
	return f, &server{addr: h.Listener.Addr().String(), api: api}
}

func one(channel string) func(int) string { return func(int) string { return channel } }

const patience = 30 * time.Second

func TestPingsAreAnswered(t *testing.T) {
	f, s := fakeServer(t)
	c, err := s.connect(t.Context(), 1, one("c"), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	select {
	case <-f.pongs:
	case <-time.After(patience):
		t.Fatal("a ping was not answered")
	}
	if err := c.check(); err != nil {
		t.Error(err)
	}
}

func TestAJoinThatIsRefused(t *testing.T) {
	_, s := fakeServer(t)
	if _, err := s.connect(t.Context(), 3, one(refused), func(int) {}); err == nil ||
		!strings.Contains(err.Error(), "permission denied") {
		t.Errorf("%v; want what the server said", err)
	}
}

// TestASocketThatIsLost: memory of fewer sockets than are counted would be too little.
func TestASocketThatIsLost(t *testing.T) {
	_, s := fakeServer(t)
	c, err := s.connect(t.Context(), 1, one(dropped), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	c.reading.Wait()
	if err := c.check(); !errors.Is(err, errLeft) {
		t.Errorf("%v; want %v", err, errLeft)
	}
	c.close()
}

func TestAudienceHears(t *testing.T) {
	_, s := fakeServer(t)
	a := contest.NewAudience(3)
	c, err := s.connect(t.Context(), 3, one("c"), a.Hear)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if n, err := a.Round(t.Context(), 1, func() error { return s.publish(t.Context(), "c") }); n != 3 || err != nil {
		t.Errorf("%d, %v; want 3 deliveries", n, err)
	}
}

// TestAnswersAreChecked: an answer that finds nobody is cheap, and says nothing.
func TestAnswersAreChecked(t *testing.T) {
	_, s := fakeServer(t)
	c, err := s.connect(t.Context(), 2, person, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	r := &run{Options: tiny()}
	ask := func(list ...string) (err error) {
		for _, q := range questions {
			_, failed := r.saturate(t.Context(), askTheirs(s.api, [][]string{list}, q.method, q.mark))
			err = errors.Join(err, failed)
		}
		return err
	}
	if err := errors.Join(ask(person(0)), ask(person(0), person(1))); err != nil {
		t.Error(err)
	}
	for _, list := range [][]string{{person(2)}, {person(0), person(2)}} {
		if err := ask(list...); err == nil || strings.Count(err.Error(), "who are online") != len(questions) {
			t.Errorf("%v: %v; want that one isn't there, by both questions", list, err)
		}
	}
}

func TestProgramsThatAreNone(t *testing.T) {
	if _, _, err := Binary(t.Context(), "/nowhere/centrifugo", silent{}); !errors.Is(err, ErrNone) {
		t.Errorf("%v; want %v", err, ErrNone)
	}
	other, err := exec.LookPath("true")
	if err != nil {
		t.Skip(err)
	}
	inGo, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{other, inGo} {
		_, _, err := Binary(t.Context(), path, silent{})
		if err == nil || !strings.Contains(err.Error(), "is no Centrifugo") {
			t.Errorf("%s: %v; want a refusal", path, err)
		}
	}
}

// TestABuildThatFails says what to do, and leaves nothing.
func TestABuildThatFails(t *testing.T) {
	cache := t.TempDir()
	for name, value := range map[string]string{
		"XDG_CACHE_HOME": cache, "HOME": cache, "GOPROXY": "off", "GOMODCACHE": filepath.Join(cache, "mod"),
	} {
		t.Setenv(name, value)
	}
	_, _, err := Binary(t.Context(), "", silent{})
	if !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "--centrifugo=PATH") ||
		!strings.Contains(err.Error(), "go install "+module+"@"+version) {
		t.Errorf("%v; want what failed, and what to do", err)
	}
	path, err := cached()
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("%v, %v; want an empty folder", left, err)
	}
}

func TestAnEarlyEnd(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := against(ctx, self, "1.2.3", tiny(), here, stopAt{"connects", cancel})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Compared) != 1 || !strings.Contains(strings.Join(r.Notes, "\n"), "ended early") {
		t.Errorf("%d comparisons, notes %q; want that of memory, and a note", len(r.Compared), r.Notes)
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

func TestBounds(t *testing.T) {
	for want, spoil := range map[string]func(*Options){
		"--sockets is 5": func(o *Options) { o.Sockets = 5 },
		"--rounds is 0":  func(o *Options) { o.Rounds = 0 }, // as in every comparison
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
