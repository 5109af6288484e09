package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

// startNode runs a real node in this process, without ports of its own choice, and gives its
// address.
func startNode(t *testing.T, args ...string) (url string) {
	t.Helper()
	args = append(args, "--peer-listen=127.0.0.1:0", "--gossip-listen=127.0.0.1:0")
	c, given, err := parseServe(nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	c.keys = newKeyWatch(slog.New(slog.DiscardHandler))
	node, server, err := c.assemble(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	node.Start()
	if err := c.join(t.Context(), node); err != nil {
		t.Fatal(err)
	}
	public := httptest.NewServer(server.Handler())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Drain(ctx)
		server.Close()
		public.Close()
		_ = node.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return public.URL
}

// client runs a command against a server as somebody, and gives its status and what it wrote.
func client(t *testing.T, url, token string, args ...string) (status int, out, errs string) {
	t.Helper()
	term, o, e := quiet()
	term.env = envOf(map[string]string{"PRESENCE_SERVER": url, "PRESENCE_TOKEN": token})
	return run(t.Context(), args, term), o.String(), e.String()
}

func TestGetAndSet(t *testing.T) {
	url := startNode(t)
	for _, tc := range []struct {
		token  string
		args   string
		status int
		says   string // a regular expression
	}{
		{"bob", "get alice", 0, `^alice  offline +never seen\n$`},
		{"bob", "get alice bob alice model:m", 0, `^offline +alice\noffline +bob\nonline +model:m\n$`},
		{"bob", "get --json alice bob", 0, `^\{"alice":"offline","bob":"offline"\}\n$`},
		{"bob", "get --json alice", 0, `^\{"participant_id":"alice","state":"offline","last_seen":null,"status":null\}\n$`},
		{"bob", "set busy", 0, `^override: busy\n$`},
		{"bob", "get me", 0, `^bob  offline +never seen\n  override  busy\n$`},
		{"bob", "set auto", 0, `^override: auto\n$`},
		{"bob", "get bob", 0, `  override  auto\n$`},
		{"bob", "set sleepy", 2, `must be one of "busy","appear_offline","auto"`},
		{"bob", "set busy --participant alice", 1, `^presence: forbidden: `},
		{"service", "set busy --participant alice", 0, `busy`},
		{"bob", "get --viewer alice carl", 1, `^presence: forbidden: `},
		{"service", "get --viewer alice carl", 0, `offline`},
		{
			"alice", "export", 0, `^\{"participant_id":"alice","kind":null,"registered_at":null,"override":"busy",` +
				`"override_at":"20.*,"devices":\[\],"windows":\[\],"visibility":\{.*\},"blocks":\[\],"edges":\[\]\}\n$`,
		},
		{"bob", "export alice", 1, `^presence: forbidden: `},
		{"bob", "block", 2, `expected "<id>"`},
		{"bob", "block bob", 1, `^presence: bad_request: .*themselves`},
		{"bob", "unblock --participant alice carl", 1, `^presence: forbidden: `},
		{"bob", "why alice", 1, `^presence: forbidden: .*presence:admin`},
		{
			"service", "why alice --viewer bob", 0,
			`^alice  offline *\n  Everyone may see alice\.\n  No device of it .*\n  Of the nodes, .*, the owner, answers offline\.\n$`,
		},
		{"service", "why alice --json", 0, `^\{"participant_id":"alice","viewer":null,"state":"offline",.*"rule":3,"state_rule":2`},
		{"bob", "forget bob", 1, `^presence: forbidden: .*presence:service`},
		{"service", "forget alice", 0, `^forgotten: alice\n$`},
		{"service", "export alice", 0, `"override":"auto","override_at":null,"override_expires_at":null,.*"last_seen":null`},
		{"service", "forget", 2, `expected "<id>"`},
		{"service", "get --viewer alice carl dora", 0, `offline`},
		{"bob", "get a,b", 1, `^presence: invalid_id: .*comma`},
		{"bob", "get", 2, `expected "<id> ..."`},
		{"", "get alice", 1, `PRESENCE_TOKEN.*participant id`},
		{"", "watch alice", 1, `PRESENCE_TOKEN`},
		{"", "beat", 1, `PRESENCE_TOKEN`},
		{"a b c", "get alice", 1, `^presence: `},
		{"bob", "beat --device=a,b", 1, `--device: .*comma`},
	} {
		status, out, errs := client(t, url, tc.token, strings.Fields(tc.args)...)
		if status != tc.status || !regexp.MustCompile(tc.says).MatchString(out+errs) {
			t.Errorf("%s as %q: status %d, %q %q; want %d, %s",
				tc.args, tc.token, status, out, errs, tc.status, tc.says)
		}
	}
}

// noPort is where nothing listens. The system gives a port so low to nobody, so that it stays so:
// one that a test has closed may be another process's the next moment.
const noPort = "127.0.0.1:1"

func TestUnreachable(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	defer http.DefaultClient.CloseIdleConnections()
	for _, command := range []string{"get a", "get a b", "set busy", "watch a", "beat"} {
		for url, says := range map[string]string{
			"http://" + noPort: "connection refused", other.URL: "404 Not Found", "nowhere": "http://127.0.0.1:8080",
		} {
			status, out, errs := client(t, url, "bob", strings.Fields(command)...)
			if status != exitFailure || out != "" || !strings.Contains(errs, says) {
				t.Errorf("%s at %s: status %d, %q, %q", command, url, status, out, errs)
			}
		}
	}
}

// TestTwoTerminals is the story of the README: one watches, the other comes, turns busy, and goes.
func TestTwoTerminals(t *testing.T) {
	url := startNode(t)
	background := func(token string, args ...string) (out *output, stop func() int) {
		term, out, _ := quiet()
		out.changed = make(chan struct{}, 1)
		term.env = envOf(map[string]string{"PRESENCE_SERVER": url, "PRESENCE_TOKEN": token})
		ctx, cancel := context.WithCancel(t.Context())
		status := make(chan int, 1)
		go func() { status <- run(ctx, args, term) }()
		return out, func() int { cancel(); return <-status }
	}
	watch, stopWatching := background("bob", "watch", "alice", "carl")
	watch.await(t, "carl offline")
	beat, stopBeating := background("alice", "beat", "--device", "laptop", "--idle")
	beat.await(t, "device laptop is idle, a heartbeat every 30s")
	watch.await(t, "alice idle")
	if status, _, errs := client(t, url, "alice", "set", "busy"); status != exitOK {
		t.Errorf("set busy: %s", errs)
	}
	beat.await(t, "you are busy (override: busy)")
	watch.await(t, "alice busy")
	if status := stopBeating(); status != exitOK {
		t.Errorf("beat ends with %d", status)
	}
	watch.await(t, "alice offline\n") // at once: beat says goodbye
	if status := stopWatching(); status != exitOK {
		t.Errorf("watch ends with %d", status)
	}
	line := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (alice|carl) (offline|idle|busy)$`)
	for _, l := range strings.Split(strings.TrimSuffix(watch.String(), "\n"), "\n") {
		if !line.MatchString(l) {
			t.Errorf("a line of watch: %q", l)
		}
	}
}

// TestWatchPrints: states in the order of the ids, and how the connection is doing beside them.
func TestWatchPrints(t *testing.T) {
	term, out, errs := quiet()
	w := watcher{t: term, now: func() time.Time { return time.Unix(0, 0) }}
	w.tell(presence.Seen{
		States: presence.States{"b": "online", "a": "idle"},
		Statuses: map[string]*presence.Status{
			"b": nil, "a": {Text: `On a "train"`, Emoji: "🚆", Until: time.Unix(90, 0).UTC()}, "c": {Text: "x"},
		},
	})
	w.tell(presence.Lost{Err: context.DeadlineExceeded, RetryIn: 1234567 * time.Nanosecond})
	w.tell(&presence.Error{Code: "bad_request", Message: "no"})
	const at = "1970-01-01T00:00:00.000Z "
	said := at + `a status {"text":"On a \"train\"","emoji":"🚆","expires_at":"1970-01-01T00:01:30.000Z"}` + "\n" +
		at + "b status null\n" + at + `c status {"text":"x","emoji":"","expires_at":null}` + "\n"
	if want := at + "a idle\n" + at + "b online\n" + said; out.String() != want {
		t.Errorf("%s, want %s", out, want)
	}
	want := "connection lost: context deadline exceeded; trying again in 1ms\nthe server refused: bad_request: no\n"
	if errs.String() != want {
		t.Errorf("%s, want %s", errs, want)
	}
}

func TestDot(t *testing.T) {
	if got := dot("idle", false); got != "idle          " {
		t.Errorf("plain: %q", got)
	}
	if got := dot("busy", true); got != "\x1b[31m⊖\x1b[0m busy          " {
		t.Errorf("in colour: %q", got)
	}
	if got := dot("of a newer server", true); !strings.Contains(got, "?\x1b") {
		t.Errorf("a state that isn't known: %q", got)
	}
	signs := map[string]string{}
	for state, look := range looks {
		if other := signs[look.sign]; other != "" {
			t.Errorf("%s and %s differ by colour alone", state, other)
		}
		signs[look.sign] = state
	}
	term, _, _ := quiet()
	if term.colourful() {
		t.Error("colours, and no terminal")
	}
}

func TestDialable(t *testing.T) {
	for listen, want := range map[string]string{
		":8081": "127.0.0.1:8081", "0.0.0.0:1": "127.0.0.1:1", "[::]:1": "127.0.0.1:1", "127.0.0.2:1": "127.0.0.2:1",
		"[::1]:1": "[::1]:1", "host:1": "host:1",
	} {
		if got := dialable(listen); got != want {
			t.Errorf("%s is reached at %s, want %s", listen, got, want)
		}
	}
}

// TestHealthWaits: it asks until the node is ready, and for no longer than it is told.
func TestHealthWaits(t *testing.T) {
	asked := 0
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			http.Error(w, "partitions are on their way", http.StatusServiceUnavailable)
		}
	}))
	defer admin.Close()
	defer http.DefaultClient.CloseIdleConnections()
	at := "--admin-listen=" + strings.TrimPrefix(admin.URL, "http://")
	status, _, errs := client(t, "", "", "health", at)
	if status != exitFailure || !strings.Contains(errs, "on their way") {
		t.Errorf("without --wait: status %d, %s", status, errs)
	}
	status, out, errs := client(t, "", "", "health", at, "--wait=1m")
	if status != exitOK || out != "ready\n" || asked != 3 {
		t.Errorf("with --wait: status %d after %d questions, %q, %s", status, asked, out, errs)
	}
	asked = -1 << 30
	status, _, errs = client(t, "", "", "health", at, "--wait=1ms")
	if status != exitFailure || !strings.Contains(errs, "on their way") {
		t.Errorf("when it takes too long: status %d, %s", status, errs)
	}
}
