package contracts

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/target"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "presence-contracts-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	program = sync.OnceValues(func() (string, error) { return target.Binary(context.Background(), "", dir) })
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			return fail(err)
		}
	}
	return code
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "contracts:", err)
	return 1
}

// program builds the server, once.
var program func() (string, error)

// node starts a server on free ports, which ends with the test, and returns its address.
func node(t *testing.T) string {
	t.Helper()
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	c, err := target.StartLocal(t.Context(), target.Plan{Nodes: 1, Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.Nodes[0].URL
}

// full reports whether generators that take minutes are run too.
func full() bool { return os.Getenv("PRESENCE_TOOLS") == "full" }
