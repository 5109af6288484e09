package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/result"
)

// Each scenario at its smallest, for a few seconds: nothing here is about speed.
var smallest = []struct {
	args    string
	figures []string
	servers int
}{
	{
		"steady --participants=1000 --sockets=50 --interval=1s --warmup=200ms --duration=1s",
		[]string{"false offline", "heartbeats", "memory a participant"},
		1,
	},
	{
		"herd --participants=500 --sockets=10 --herd=100 --spread=200ms --interval=1s --warmup=200ms --duration=1s",
		[]string{"all connected after", "all back after"},
		1,
	},
	{
		"rush --rush=100 --times=2 --calm=300ms --participants=200 --holding=4 --signed --warmup=200ms",
		[]string{"all connected after", "query p99, all connect"},
		1,
	},
	{
		"fanout --viewers=60 --contacts=10 --morning=500ms --duration=1s --interval=1s",
		[]string{"flips seen", "log-ons seen"},
		1,
	},
	{"query --participants=1000 --sockets=0 --rate=20 --warmup=200ms --duration=1s", []string{"ids fetched"}, 1},
	{
		"churn --visits=500 --sockets=5 --cycles=1 --quiet=1s --duration=1s",
		[]string{"participants and records left", "memory before"},
		1,
	},
	{
		"expiry --participants=500 --sockets=10 --leaving=300 --spread=500ms --interval=500ms --warmup=200ms",
		[]string{"offline late, 99 %", "offline events missing"},
		1,
	},
	{"failover --local=2 --participants=300 --sockets=10 --watchers=5 --interval=3s --down=100ms --settle=300ms " +
		"--warmup=200ms", []string{"false offline", "slowest override", "longest time without a whole answer"}, 4},
	{"rolling --local=2 --participants=300 --sockets=10 --watchers=5 --interval=3s --down=100ms --settle=300ms " +
		"--warmup=200ms", []string{"false offline", "from the start of the node until all agree"}, 4},
	{
		"capacity --participants=1000 --sockets=0 --step=500ms --steps=6 --grow=10 --warmup=200ms",
		[]string{"heartbeats carried", "load at which it broke"},
		1,
	},
	{
		"capacity --work=edges --participants=300 --sockets=0 --batch=100 --from=1000 --step=500ms --steps=1 " +
			"--p99=30s --warmup=200ms",
		[]string{"edges carried"},
		1,
	},
	{
		"engine --participants=5000 --duration=500ms",
		[]string{"heartbeats by handle a CPU-second", "memory a participant"},
		0,
	},
	{"link --devices=500 --duration=3s --rounds=1", []string{
		"heartbeats over the link a server CPU-second", "heartbeats over the link a CPU-second of both ends",
		"fetched ids over the link a server CPU-second", "fetched ids over the link a CPU-second of both ends",
	}, 1},
	{
		"sockets --nodes=2 --sockets=150 --over=200ms --duration=300ms",
		[]string{"memory a socket", "memory of all nodes to what was planned", "participants who aren't online"},
		2,
	},
	{
		"scale --nodes=2,3 --rounds=1 --participants=200 --quiet=0s --duration=1s",
		[]string{"all ready after, 3 nodes", "idle cost of a node, 2 nodes", "all agree after a kill, 3 nodes"},
		5,
	},
}

// server is the binary that the tests measure, built once.
var server = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "presence-bench-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "presence")
	return path, exec.Command("go", "build", "-o", path, "github.com/scaiwave/presence/cmd/presence").Run()
})

// TestMain makes the test's program presence-bench, too, for what that starts of itself.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "rushers" {
		main()
	}
	code := m.Run()
	if path, err := server(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// bench runs the program with the arguments, and with the server's binary for scenarios of local
// nodes.
func bench(t *testing.T, ctx context.Context, errs interface{ Write([]byte) (int, error) }, args string,
	servers int,
) (r *result.Result, out string, code int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "r.json")
	all := append(strings.Fields(args), "--out="+path)
	if servers > 0 {
		binary, err := server()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, "--presence="+binary, "--no-pin")
	}
	var text bytes.Buffer
	code = run(ctx, all, &text, errs)
	if code == 0 {
		var err error
		if r, err = result.Read(path); err != nil {
			t.Fatal(err)
		}
	}
	return r, text.String(), code
}

func TestResultsAreComplete(t *testing.T) {
	for _, c := range smallest {
		name, _, _ := strings.Cut(c.args, " ")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var errs bytes.Buffer
			r, out, code := bench(t, t.Context(), &errs, c.args, c.servers)
			if code != 0 {
				t.Fatalf("status %d\n%s", code, errs.String())
			}
			complete(t, r, name, c.servers)
			for _, f := range c.figures {
				if _, ok := r.Find(f); !ok || !strings.Contains(out, f) {
					t.Errorf("no figure %q in the result, or not on stdout:\n%s", f, out)
				}
			}
		})
	}
}

// complete checks what every result must have.
func complete(t *testing.T, r *result.Result, name string, servers int) {
	t.Helper()
	if r.Scenario != name || r.Settings["duration"] == "" || r.Counts.Achieved == 0 || len(r.Latencies) == 0 ||
		len(r.Series) == 0 {
		t.Errorf("scenario %q, settings %v, counts %+v, %d latencies, %d series", r.Scenario, r.Settings, r.Counts,
			len(r.Latencies), len(r.Series))
	}
	if _, ok := r.Settings["token"]; ok {
		t.Error("a token is in the settings")
	}
	measured, generators, found := 0, 0, 0
	for _, p := range r.Phases {
		if !p.Warmup {
			measured++
		}
	}
	for _, p := range r.Processes {
		switch p.Kind {
		case result.Server:
			found++
		case result.Generator:
			generators++
		}
		if p.RSSPeak == 0 || len(p.Samples) == 0 {
			t.Errorf("nothing is known of %s", p.Name)
		}
	}
	if measured == 0 || generators != 1 || found != servers {
		t.Errorf("%d measured phases, %d generators, %d server processes; want some, 1, %d", measured, generators,
			found, servers)
	}
}

// cancelAt cancels shortly after a phase has begun.
type cancelAt struct {
	phase  string
	cancel context.CancelFunc
	bytes.Buffer
}

func (c *cancelAt) Write(b []byte) (int, error) {
	if strings.HasPrefix(string(b), c.phase) {
		time.AfterFunc(300*time.Millisecond, c.cancel)
	}
	return c.Buffer.Write(b)
}

func TestAnEarlyEndHasAResult(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, _, code := bench(t, ctx, &cancelAt{phase: "steady", cancel: cancel},
		"steady --participants=500 --sockets=5 --interval=500ms --warmup=0s --duration=1h", 1)
	if code != 0 || !strings.Contains(strings.Join(r.Notes, "\n"), "ended early") {
		t.Errorf("status %d, result %+v; want a result that says so", code, r)
	}
}

func TestAnEndBeforeAnythingIsMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs bytes.Buffer
	if _, _, code := bench(t, ctx, &errs, "engine", 0); code != 1 ||
		!strings.Contains(errs.String(), "before anything was measured") {
		t.Errorf("status %d: %s", code, errs.String())
	}
}

func TestFlagsThatAreWrong(t *testing.T) {
	for args, want := range map[string]string{
		"steady --local=2 --server=http://h":        "give one of them",
		"steady --local=99":                         "--local=99: must be from 1 to 16",
		"steady --flips=2":                          "--flips=2: must be from 0 to 1",
		"steady --sockets=9 --participants=2":       "--sockets=9: must be at most --participants=2",
		"steady --flips=NaN":                        "--flips=NaN: must be from 0 to 1",
		"fanout --zipf=NaN":                         "--zipf=NaN: must be from 1.001 to 10",
		"steady --participants=60000000":            "--participants=60000000: must be from 1 to 50000000",
		"steady --interval=1ms":                     "--interval=1ms",
		"steady --pid=1":                            "--pid is for --server",
		"query --ids=20000":                         "--ids=20000: must be from 1 to 10000",
		"failover --server=http://h":                "needs --local",
		"rolling --local=1":                         "must be at least 2",
		"churn --server=http://h":                   "needs --local",
		"expiry --server=http://h":                  "--after is needed",
		"capacity --work=lunch":                     "--work",
		"capacity --participants=10 --sockets=10":   "--sockets must be fewer",
		"link --devices=0":                          "--devices=0",
		"scale --nodes=1,2":                         "--nodes=1: must be from 2 to 100",
		"scale --nodes=3":                           "two sizes at least",
		"stedy":                                     "stedy",
		"fanout --viewers=10 --contacts=10":         "--contacts=10: must be from 1 to 9",
		"steady --presence=x --server=http://h":     "--presence is for --local",
		"steady --key-file=x --participants=banana": "banana",
	} {
		var errs bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &bytes.Buffer{}, &errs); code != 2 ||
			!strings.Contains(errs.String(), want) {
			t.Errorf("%s: status %d, %q; want 2 and %q", args, code, errs.String(), want)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, c := range smallest {
		name, _, _ := strings.Cut(c.args, " ")
		var out bytes.Buffer
		if code := run(t.Context(), []string{name, "-h"}, &out, &bytes.Buffer{}); code != 0 ||
			!strings.Contains(out.String(), "--duration=TIME") || !strings.Contains(out.String(), "Default:") {
			t.Errorf("%s -h: status %d\n%s", name, code, out.String())
		}
	}
}
