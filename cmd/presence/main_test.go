package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write testdata instead of comparing with it")

// asCommand makes the test binary be the command: tests of signals and exit statuses need a process
// of their own, and this one is already built.
const asCommand = "TEST_AS_PRESENCE_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// command is presence as a process, with what it writes.
func command(t *testing.T, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	out := &output{changed: make(chan struct{}, 1)}
	c.Env = append(withoutSettings(os.Environ()), asCommand+"=1")
	c.Stdout, c.Stderr = out, out
	return c, out
}

func withoutSettings(env []string) (kept []string) {
	for _, e := range env {
		if !strings.HasPrefix(e, "PRESENCE_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// output collects what is written to it and lets a test wait for a word.
type output struct {
	changed chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.changed <- struct{}{}:
	default:
	}
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// patience is how long a test waits for what it knows must come.
const patience = 2 * time.Minute

// await waits until the text has been written.
func (o *output) await(t *testing.T, text string) {
	t.Helper()
	late := time.After(patience)
	for !strings.Contains(o.String(), text) {
		select {
		case <-o.changed:
		case <-late:
			t.Fatalf("never wrote %q: %s", text, o)
		}
	}
}

// noEnv is an environment with nothing in it.
func noEnv(string) (string, bool) { return "", false }

func envOf(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

// quiet is a terminal that shows nobody anything.
func quiet() (terminal, *output, *output) {
	out, errs := &output{}, &output{}
	return terminal{out, errs, noEnv}, out, errs
}

// parseServe gives the settings that serve would run with.
func parseServe(env map[string]string, args ...string) (*serveCommand, []string, error) {
	t, _, _ := quiet()
	t.env = envOf(env)
	k, err := parse(append([]string{"serve"}, args...), t, &settings{env: t.env})
	if err != nil {
		return nil, nil, err
	}
	c, ok := k.Selected().Target.Addr().Interface().(*serveCommand)
	if !ok {
		return nil, nil, fmt.Errorf("%s is not serve", k.Command())
	}
	return c, givenFlags(k), nil
}
