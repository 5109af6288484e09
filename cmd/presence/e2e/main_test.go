package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// binary is the command under test, built once for the whole run.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "presence-e2e-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	if err := build(dir); err != nil {
		return fail(err)
	}
	// Most tests wait for a server, so that two a processor would waste the time.
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		return fail(err)
	}
	calm.launch()
	if calm.err != nil {
		return fail(calm.err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var gauging sync.WaitGroup
	gauging.Go(func() { busy.run(ctx, calm.s) })
	code := m.Run()
	cancel()
	gauging.Wait()
	for _, h := range []*shared{&calm, &quick} {
		if err := h.stop(); err != nil {
			code = fail(err)
		}
	}
	if code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		return fail(err)
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}

func build(dir string) error {
	binary = filepath.Join(dir, "presence")
	args := []string{"build", "-race"}
	if os.Getenv("PRESENCE_RACE") == "0" {
		args = args[:1]
	}
	cmd := exec.Command("go", append(args, "-o", binary, "github.com/scaiwave/presence/cmd/presence")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}
