package issuers

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/target"
)

// program is the command that takes the tokens, built once for the whole run.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "presence-issuers-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	if program, err = target.Binary(context.Background(), "", dir); err != nil {
		return fail(err)
	}
	if code := m.Run(); code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		return fail(err)
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "issuers:", err)
	return 1
}
