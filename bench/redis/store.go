package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/scaiwave/presence/bench/target"
)

// store is a running Redis.
type store struct {
	*redis.Client
	addr    string
	pid     int
	version string
	cmd     *exec.Cmd // nil: it was not started here
}

// ErrNoRedis means that this machine has no redis-server.
var ErrNoRedis = errors.New("no redis-server on this machine: install it (on Debian: apt-get install redis-server), " +
	"or name a running one with --redis=HOST:PORT")

// startStore starts Debian's redis-server on a free port of loopback. It keeps nothing on disk,
// which is the fastest.
func startStore(ctx context.Context, cores []int) (*store, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, ErrNoRedis
	}
	addrs, err := target.Ports(1)
	if err != nil {
		return nil, err
	}
	host, port, _ := net.SplitHostPort(addrs[0])
	cmd := exec.Command(path, "--bind", host, "--port", port, "--save", "", "--appendonly", "no",
		"--notify-keyspace-events", "Ex", "--maxclients", "12000")
	if err := target.StartOn(cores, cmd); err != nil {
		return nil, fmt.Errorf("starting redis-server: %w", err)
	}
	s := connect(addrs[0])
	s.cmd = cmd
	if err := s.await(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func connect(addr string) *store {
	return &store{addr: addr, Client: redis.NewClient(&redis.Options{
		Addr: addr, PoolSize: 16, ReadTimeout: time.Minute, WriteTimeout: time.Minute, DisableIdentity: true,
		Protocol: 2,
	})}
}

// useStore connects to a Redis that runs already. It must be empty, and its process visible here.
func useStore(ctx context.Context, addr string) (*store, error) {
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || ip == nil && host != "localhost" || ip != nil && !ip.IsLoopback() {
		return nil, fmt.Errorf("--redis=%s: it must be on this machine, such as 127.0.0.1:6379: "+
			"the CPU of its process is measured", addr)
	}
	s := connect(addr)
	if err := s.claim(ctx); err != nil {
		_ = s.Client.Close() // not s.close, which would flush keys that are not ours
		return nil, fmt.Errorf("--redis=%s: %w", addr, err)
	}
	return s, nil
}

// claim checks that Redis is empty and its process visible, and turns its events on.
func (s *store) claim(ctx context.Context) error {
	if err := s.await(ctx); err != nil {
		return err
	}
	if err := isRedis(s.pid); err != nil {
		return err
	}
	n, err := s.DBSize(ctx).Result()
	if err == nil && n > 0 {
		err = fmt.Errorf("it holds %d keys; it must be empty, since it will be flushed", n)
	}
	if err != nil {
		return err
	}
	return s.ConfigSet(ctx, "notify-keyspace-events", "Ex").Err()
}

// isRedis checks the process that is to be measured. A Redis in a container tells the process id
// that it has there. Here another process has that id, or none.
func isRedis(pid int) error {
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Errorf("it says that it is process %d, which does not exist here (is it in a container?): its CPU "+
			"cannot be measured: %w", pid, err)
	}
	name := strings.TrimSpace(string(comm))
	for _, known := range []string{"redis", "valkey", "keydb"} {
		if strings.Contains(name, known) {
			return nil
		}
	}
	return fmt.Errorf("it says that it is process %d, which here is %q, not Redis (is it in a container?): its CPU "+
		"cannot be measured", pid, name)
}

// await waits until Redis answers, and notes its version and process id.
func (s *store) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		err := s.ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("redis at %s does not answer: %w", s.addr, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ask asks once. It tries the port first, because the library writes to stderr when nothing listens
// there.
func (s *store) ask(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return err
	}
	_ = conn.Close()
	info, err := s.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	s.version = field(info, "redis_version")
	s.pid, err = strconv.Atoi(field(info, "process_id"))
	return err
}

// field is the value of a line of INFO.
func field(info, name string) string {
	_, rest, _ := strings.Cut(info, name+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// close ends a Redis that was started here. From another one it removes the keys of the run.
func (s *store) close() {
	if s.cmd == nil {
		_ = s.FlushDB(context.Background()).Err()
	}
	_ = s.Client.Close()
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}
