package centrifugo

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// server is a running Centrifugo.
type server struct {
	addr string
	cmd  *exec.Cmd
	log  *os.File
	api  *load.API
}

// How long it may take to start, and to answer. On a machine that does much else, servers that are
// kept to one core wait long for it.
const (
	startPatience  = time.Minute
	answerPatience = time.Minute
)

// start starts path on a free port of loopback, with its files in dir, and waits until it answers.
func start(ctx context.Context, path, dir string, cores []int) (*server, error) {
	addrs, err := target.Ports(1)
	if err != nil {
		return nil, err
	}
	config, err := configure(dir, addrs[0])
	if err != nil {
		return nil, err
	}
	s := &server{addr: addrs[0], cmd: exec.Command(path, "--config="+config)}
	if s.log, err = os.Create(filepath.Join(dir, "centrifugo.log")); err != nil {
		return nil, err
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := target.StartOn(cores, s.cmd); err != nil {
		_ = s.log.Close()
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	here, err := target.Running([]string{"http://" + s.addr}, "", "")
	if err == nil {
		s.api = load.NewAPI(here)
		s.api.Wait(answerPatience)
		err = s.await(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// feed is the namespace of the channel that changes are published to; it has no presence, which
// costs least.
const feed = "feed"

// configure writes the configuration. Nobody is asked for a token, as with --auth=insecure; nothing
// is logged that goes well; nothing is sent to its makers.
func configure(dir, addr string) (path string, err error) {
	host, port, _ := net.SplitHostPort(addr)
	on := map[string]bool{"enabled": true}
	text, err := json.Marshal(map[string]any{
		"http_server": map[string]any{"address": host, "port": json.Number(port)},
		"client":      map[string]any{"insecure": true},
		"http_api":    map[string]any{"insecure": true},
		"channel": map[string]any{
			"without_namespace": map[string]any{"presence": true},
			"namespaces":        []any{map[string]any{"name": feed}},
		},
		"health":      on,
		"log":         map[string]any{"level": "error"},
		"usage_stats": map[string]any{"disabled": true},
	})
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "centrifugo.json")
	return path, os.WriteFile(path, text, 0o600)
}

// await waits until the server answers.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		_, err := s.api.Post(ctx, "/health", nil)
		if err == nil {
			return nil
		}
		if !load.Sleep(ctx, 20*time.Millisecond) {
			said, _ := os.ReadFile(s.log.Name())
			return fmt.Errorf("centrifugo at %s does not answer: %w\n%s", s.addr, err, lastLines(said))
		}
	}
}

func (s *server) pid() int { return s.cmd.Process.Pid }

func (s *server) close() {
	if s.api != nil {
		s.api.Close()
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.log.Close()
}
