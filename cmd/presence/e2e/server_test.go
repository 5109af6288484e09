package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take that isn't timed by the contract. It
// is long because the machine may be busy; nothing waits for it in a good run.
const patience = 2 * time.Minute

// server is one process of "presence serve".
type server struct {
	addr  string // host:port of the public listener
	url   string
	admin string
	cmd   *exec.Cmd
	logs  *output
	http  *http.Client

	exited chan struct{} // closed when the process is gone; code is then set
	code   int
}

// start gives the test a server of its own, stopped when the test ends.
func start(t testing.TB, flags ...string) *server {
	t.Helper()
	s, err := launch(nil, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("what the server wrote:\n%s", s.logs.tail(4000))
		}
	})
	return s
}

// launch starts a server on free ports and waits until it is ready.
func launch(env []string, flags ...string) (*server, error) {
	args := append(listeners(), flags...)
	s, err := spawn(env, args...)
	if err != nil {
		return nil, err
	}
	if err := s.awaitReady(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// listeners puts a server where nobody else is.
func listeners() []string {
	p := ports(4)
	return []string{"--listen=" + p[0], "--admin-listen=" + p[1], "--peer-listen=" + p[2], "--gossip-listen=" + p[3]}
}

// reachable gives the address behind the last such flag, as seen from here.
func reachable(args []string, flag string) (addr string) {
	for _, a := range args {
		if value, ok := strings.CutPrefix(a, flag); ok {
			addr = strings.Replace(value, "0.0.0.0", "127.0.0.1", 1)
		}
	}
	return addr
}

// spawn starts "presence serve" and does not wait for it.
func spawn(env []string, args ...string) (*server, error) {
	return spawnAs(exec.Command(binary, append([]string{"serve"}, args...)...), env, args...)
}

// spawnAs starts cmd, which runs "presence serve" with these arguments.
func spawnAs(cmd *exec.Cmd, env []string, args ...string) (*server, error) {
	listen, admin := reachable(args, "--listen="), reachable(args, "--admin-listen=")
	s := &server{
		addr: listen, url: "http://" + listen, admin: "http://" + admin,
		cmd:    cmd,
		logs:   &output{},
		http:   &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience},
		exited: make(chan struct{}),
	}
	s.cmd.Env = append(cleanEnv(), env...)
	s.cmd.Stdout, s.cmd.Stderr = s.logs, s.logs
	endWithTest(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait()
		s.code = s.cmd.ProcessState.ExitCode()
		close(s.exited)
	}()
	return s, nil
}

// cleanEnv is the environment without what would configure presence.
func cleanEnv() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PRESENCE_") {
			env = append(env, e)
		}
	}
	return env
}

func (s *server) awaitReady() error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case <-s.exited:
			return fmt.Errorf("serve exited with %d before it was ready:\n%s", s.code, s.logs)
		default:
		}
		if r, err := s.http.Get(s.admin + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	return fmt.Errorf("serve is not ready after %v:\n%s", patience, s.logs)
}

// stop drains the server and says what was wrong with its end, if anything.
func (s *server) stop() error {
	s.http.CloseIdleConnections()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.exited:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		<-s.exited
		return fmt.Errorf("serve was still there %v after SIGTERM:\n%s", patience, s.logs.tail(4000))
	}
	if strings.Contains(s.logs.String(), "DATA RACE") {
		return fmt.Errorf("data race:\n%s", s.logs)
	}
	if s.code != 0 {
		return fmt.Errorf("serve exited with %d:\n%s", s.code, s.logs.tail(4000))
	}
	return nil
}

// shared is a server that many tests use, started by the first.
type shared struct {
	flags []string
	once  sync.Once
	s     *server
	err   error
}

func (h *shared) launch() {
	h.once.Do(func() { h.s, h.err = launch(nil, h.flags...) })
}

func (h *shared) get(t testing.TB) *server {
	t.Helper()
	h.launch()
	if h.err != nil {
		t.Fatal(h.err)
	}
	return h.s
}

func (h *shared) stop() error {
	if h.s == nil {
		return nil
	}
	return h.s.stop()
}

// The timings of the quick server. A deadline of 1.6 s is short enough to wait
// for and long enough for a heartbeat to arrive on a busy machine.
const (
	quickInterval = 600 * time.Millisecond
	quickGrace    = 400 * time.Millisecond
	quickDeadline = 2*quickInterval + quickGrace
	quickTick     = 20 * time.Millisecond
	quickLinger   = 500 * time.Millisecond
	quickTTL      = 4000 * time.Millisecond
	quickWindow   = 3 * time.Second

	// slack is how late an event may be seen beyond what the contract allows:
	// the time it takes to arrive on a busy machine.
	slack = 3 * time.Second / 2
)

var (
	calm = shared{flags: []string{
		"--tick=20ms", "--participant-rate=100000", "--participant-ids-rate=1000000",
		"--connection-rate=100000",
	}}
	quick = shared{flags: quickFlags()}
)

func quickFlags(more ...string) []string {
	return append([]string{
		"--heartbeat-interval=" + quickInterval.String(), "--grace=" + quickGrace.String(),
		"--tick=" + quickTick.String(), "--linger=" + quickLinger.String(),
		"--record-ttl=" + quickTTL.String(), "--dm-window=" + quickWindow.String(),
		"--participant-rate=100000", "--participant-ids-rate=1000000", "--connection-rate=100000",
	}, more...)
}
