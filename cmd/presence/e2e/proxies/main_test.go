package proxies

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/target"
)

// program is the command behind the proxies, built once for the whole run.
var program string

// patience is how long anything may take that isn't a matter of time: the machine may be busy.
const patience = 2 * time.Minute

// full reports whether silence lasts as long as it would.
func full() bool { return os.Getenv("PRESENCE_TOOLS") == "full" }

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	_ = os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	for _, name := range []string{"nginx", "haproxy", "caddy"} {
		if _, err := exec.LookPath(name); err != nil {
			return fail(fmt.Errorf("%s isn't there; `make proxies-needs` installs it on Debian", name))
		}
	}
	dir, err := os.MkdirTemp("", "presence-proxies-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	if program, err = target.Binary(context.Background(), "", dir); err != nil {
		return fail(err)
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil { // most of them wait
		return fail(err)
	}
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			return fail(err)
		}
	}
	return code
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "proxies:", err)
	return 1
}

// eventually waits until what returns nil; it is a failure if that takes longer than patience.
func eventually(t *testing.T, name string, what func() error) {
	t.Helper()
	var err error
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(50 * time.Millisecond) {
		if err = what(); err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", name, err)
}
