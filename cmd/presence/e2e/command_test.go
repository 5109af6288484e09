package e2e

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// terminal is a running command of presence, as someone typed it.
type terminal struct {
	cmd  *exec.Cmd
	out  *output
	done chan error
}

// typed starts "presence args…" for one participant. It ends with the test.
func (c caller) typed(t testing.TB, args ...string) *terminal {
	t.Helper()
	term := &terminal{cmd: exec.Command(binary, args...), out: &output{}, done: make(chan error, 1)}
	term.cmd.Env = append(cleanEnv(), "PRESENCE_SERVER="+c.s.url, "PRESENCE_TOKEN="+c.token)
	term.cmd.Stdout, term.cmd.Stderr = term.out, term.out
	if err := term.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		term.done <- term.cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = term.cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("presence %q wrote:\n%s", args, term.out)
		}
	})
	return term
}

// runOnce waits for the end, and gives the output and the status.
func runOnce(t testing.TB, env []string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(cleanEnv(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// line matches an id and its state on one line, in any order.
func line(id, state string) *regexp.Regexp {
	id, state = `\b`+regexp.QuoteMeta(id)+`\b`, `\b`+state+`\b`
	return regexp.MustCompile(`(?m)` + id + `.*` + state + `|` + state + `.*` + id)
}

// TestTwoTerminals is the first session of the README: one keeps a device
// online, the other watches.
func TestTwoTerminals(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	watch := bob.typed(t, "watch", ann.token)
	shows := func(n int, state string) {
		t.Helper()
		eventually(t, "watch shows "+state, func() bool {
			return len(line(ann.token, state).FindAllString(watch.out.String(), -1)) >= n
		})
	}
	shows(1, "offline")
	beat := ann.typed(t, "beat")
	shows(1, "online")
	env := []string{"PRESENCE_SERVER=" + s.url}
	set := func(override string) {
		t.Helper()
		if out, code := runOnce(t, append(env, "PRESENCE_TOKEN="+ann.token), "set", override); code != 0 {
			t.Fatalf("set %s: %d %s", override, code, out)
		}
	}
	set("busy")
	shows(1, "busy")
	out, code := runOnce(t, nil, "get", "--server="+s.url, "--token="+bob.token, ann.token, bob.token)
	if code != 0 || !line(ann.token, "busy").MatchString(out) || !line(bob.token, "offline").MatchString(out) {
		t.Errorf("get: %d %s", code, out)
	}
	set("appear_offline")
	shows(2, "offline")
	set("auto")
	shows(2, "online")
	if err := beat.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	shows(3, "offline")
	<-beat.done
	if code := beat.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("beat ends with %d: %s", code, beat.out)
	}
	bob.wantState(t, ann.token, "offline")
	if strings.Contains(watch.out.String(), "\x1b[") {
		t.Errorf("colours, and no terminal: %q", watch.out)
	}
}

func TestVersionCommand(t *testing.T) {
	t.Parallel()
	if out, code := runOnce(t, nil, "version"); code != 0 || !regexp.MustCompile(`presence|\d`).MatchString(out) {
		t.Errorf("version: %d %s", code, out)
	}
}

// TestHelp names every flag of the contract.
func TestHelp(t *testing.T) {
	t.Parallel()
	out, code := runOnce(t, nil, "serve", "-h")
	if code != 0 {
		t.Errorf("serve -h: %d", code)
	}
	for _, flag := range []string{
		"listen", "admin-listen", "peer-listen", "gossip-listen", "advertise-address", "join", "join-wait",
		"expect-nodes", "node-id", "role",
		"data-dir", "auth", "jwt-key-file", "jwt-jwks-url", "jwt-issuer", "jwt-audience", "allow-insecure",
		"allowed-origins",
		"demo", "max-connections", "heartbeat-interval", "missed-heartbeats", "grace", "record-ttl", "linger",
		"dm-window", "tick", "unattended-after",
		"ai-prefix", "peer-tls-cert", "peer-tls-key", "peer-tls-ca", "allow-insecure-peers", "admin-pprof",
		"gossip-key-file",
		"cluster-name", "connection-rate", "participant-rate", "participant-ids-rate", "request-memory", "tls-cert",
		"tls-key", "log-level", "log-format", "config",
		"max-open-connections", "max-address-connections", "max-greetings", "max-address-greetings", "anonymous-rate",
		"min-transfer-rate",
		"header-memory", "trusted-proxies", "proxy-protocol",
	} {
		if !regexp.MustCompile(`--(\[no-\])?` + flag + `\b`).MatchString(out) {
			t.Errorf("no --%s", flag)
		}
	}
	if out, _ := runOnce(t, nil, "-h"); !strings.Contains(out, "serve") || !strings.Contains(out, "watch") {
		t.Errorf("-h: %s", out)
	}
}

// TestCommandErrors: what goes wrong ends with a message and a status.
func TestCommandErrors(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	dead := ports(1)[0]
	for name, args := range map[string][]string{
		"no such command": {"dance"},
		"no ids":          {"get", "--server=" + s.url, "--token=ann"},
		"bad id":          {"get", "--server=" + s.url, "--token=ann", "a b"},
		"bad override":    {"set", "--server=" + s.url, "--token=ann", "sleepy"},
		"bad token":       {"get", "--server=" + s.url, "--token=a b c", "x"},
		"no server":       {"get", "--server=http://" + dead, "--token=ann", "x"},
	} {
		if out, code := runOnce(t, nil, args...); code == 0 || out == "" {
			t.Errorf("%s: %d %q", name, code, out)
		}
	}
}
