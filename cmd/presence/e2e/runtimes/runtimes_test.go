package runtimes

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is for a machine that is busy. What hangs would hang for ever.
const patience = 2 * time.Minute

// runtime is a program that runs scripts, with what it needs to be told.
type runtime struct {
	name string
	argv []string
}

// runtimes are the installed Node, and in the full size all others.
func runtimes(t *testing.T) []runtime {
	all := []runtime{{"installed Node", []string{"node", "--experimental-websocket", "--no-warnings"}}}
	if !full() {
		return all
	}
	at := filepath.Join(ready(t, "runtimes"), "node_modules")
	return append(
		all,
		runtime{"Node 22", []string{filepath.Join(at, "node-22/bin/node")}},
		runtime{"Node 24", []string{filepath.Join(at, "node-24/bin/node")}},
		runtime{"Bun", []string{filepath.Join(at, "@oven/bun-linux-x64/bin/bun")}},
		runtime{"Deno", []string{filepath.Join(at, "@deno/linux-x64-glibc/deno"), "run", "--allow-net", "--allow-env"}},
	)
}

// run runs a script in the user's folder, and returns what it prints. The process must end by
// itself.
func (r runtime) run(t *testing.T, script string, args ...string) string {
	t.Helper()
	source, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(folder, filepath.Base(script))
	if err := os.WriteFile(at, source, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.argv[0], append(append(r.argv[1:len(r.argv):len(r.argv)], at), args...)...)
	cmd.Dir = folder
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		t.Fatalf("%s %s %v has not ended after %v; it printed %q", r.name, script, args, patience, out)
	case errors.As(err, &exit):
		t.Fatalf("%s %s %v: %v\n%s", r.name, script, args, err, exit.Stderr)
	case err != nil:
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestRuntimes(t *testing.T) {
	for _, r := range runtimes(t) {
		t.Run(r.name, func(t *testing.T) {
			t.Run("the story", func(t *testing.T) { story(t, r) })
			t.Run("a refused connection", func(t *testing.T) { refused(t, r) })
			for _, way := range []string{"deaf", "mute"} {
				t.Run("a server that is "+way, func(t *testing.T) { unanswered(t, r, way) })
			}
		})
	}
}

func story(t *testing.T, r runtime) {
	want := `{"seen":["offline","online","busy","offline","online","offline"],` +
		`"own":["online","busy","appear_offline","online"],` +
		`"asked":{"ada":"offline","model:helpdesk":"online"},"ends":["signed_out","closed"]}`
	if got := r.run(t, client+"/test/story.mjs", url); got != want {
		t.Errorf("it printed\n%s\nand not\n%s", got, want)
	}
}

// refused looks at why the attempts ended: a refusal that isn't noticed ends by the attempt's own
// limit.
func refused(t *testing.T, r runtime) {
	got := r.run(t, "testdata/ends.mjs", "refused", serve(t, refuse))
	if !strings.HasPrefix(got, "waiting 3 times: ") || strings.Contains(got, "in time") {
		t.Errorf("of a connection that was refused it printed %q", got)
	}
}

// unanswered is about the process: it must end, whatever the server does.
func unanswered(t *testing.T, r runtime, way string) {
	server := map[string]func(*conn){"deaf": welcome, "mute": silence}[way]
	if got := r.run(t, "testdata/ends.mjs", way, serve(t, server)); got != "closed" {
		t.Errorf("it printed %q", got)
	}
}

// TestPhone runs the example of the rule for phones, which takes the 20 s of the rule.
func TestPhone(t *testing.T) {
	if !full() {
		t.Skip("20 s by the clock: make tools")
	}
	r := runtime{"installed Node", []string{"node", "--experimental-websocket", "--no-warnings"}}
	want := "ada is offline\nada is online\nada is idle\nada is offline"
	if got := r.run(t, client+"/examples/phone.mjs", url, "ada"); got != want {
		t.Errorf("it printed\n%s\nand not\n%s", got, want)
	}
}
