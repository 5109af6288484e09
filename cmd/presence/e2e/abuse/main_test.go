package abuse

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/target"
)

// program is the command under attack, built once for the whole run.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if spec := os.Getenv(watching); spec != "" {
		return beUsers(spec)
	}
	dir, err := os.MkdirTemp("", "presence-abuse-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	if program, err = target.Binary(context.Background(), "", dir); err != nil {
		return fail(err)
	}
	code := m.Run()
	rows.print(os.Stdout)
	if code == 0 {
		if err := goleak.Find(); err != nil {
			return fail(err)
		}
	}
	return code
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "abuse:", err)
	return 1
}

// size is how large and how long attacks are.
type size struct {
	conns, addresses int
	idle, attack     time.Duration
	stray            int           // packets and connects at the ports between nodes
	flood            int           // requests a second
	patience         time.Duration // of a user
}

// full reports whether each attack is made by itself, and in full.
func full() bool { return os.Getenv("PRESENCE_ABUSE") == "full" }

// sized is the size of this run. Users of the small one are patient, as the machine may have more
// to do than it has processors.
func sized() size {
	if full() {
		return size{
			conns: 2000, addresses: 50, idle: 4 * time.Second, attack: 6 * time.Second, stray: 100_000, flood: 8300,
			patience: 5 * time.Second,
		}
	}
	return size{
		conns: 500, addresses: 50, idle: time.Second, attack: 3 * time.Second, stray: 10_000, flood: 2000,
		patience: 30 * time.Second,
	}
}
