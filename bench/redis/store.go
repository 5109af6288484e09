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
	product string // with its version, such as Redis 7.0.15
	fields  bool   // its hash fields can expire
	setex   bool   // and one command sets such a field

	cmd *exec.Cmd  // nil: it was not started here; then
	was string     // which events it sent before, and
	own [][]string // the keys that the run may have written
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
		"--"+eventsSetting, sendExpired, "--maxclients", "12000")
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

// useStore connects to a Redis that runs already. It must hold no keys, and its process must be
// visible here. When it is closed, the keys in own are deleted.
func useStore(ctx context.Context, addr string, own [][]string) (*store, error) {
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || ip == nil && host != "localhost" || ip != nil && !ip.IsLoopback() {
		return nil, fmt.Errorf("--redis=%s: it must be on this machine, such as 127.0.0.1:6379: "+
			"the CPU of its process is measured", addr)
	}
	s := connect(addr)
	s.own = own
	if err := s.claim(ctx); err != nil {
		_ = s.Client.Close() // not s.close, which would delete keys that are not ours
		return nil, fmt.Errorf("--redis=%s: %w", addr, err)
	}
	return s, nil
}

// Events of Redis: their names, what has it send them, and the setting for that.
const (
	expired       = "expired" // of a key
	expiredField  = "hexpired"
	sendExpired   = "Ex"
	sendOfHashes  = "Eh"
	eventsSetting = "notify-keyspace-events"
)

// claim checks that Redis holds no keys and its process is visible, and turns its events on.
func (s *store) claim(ctx context.Context) error {
	if err := s.await(ctx); err != nil {
		return err
	}
	if err := isRedis(s.pid); err != nil {
		return err
	}
	info, err := s.Info(ctx, "keyspace").Result()
	if err != nil {
		return err
	}
	if _, keys, ok := strings.Cut(info, "\r\n"); ok && strings.TrimSpace(keys) != "" {
		return fmt.Errorf("it holds keys (%s); it must hold none: the memory of all is measured, and keys of the same "+
			"names would be overwritten", strings.Join(strings.Fields(keys), " "))
	}
	was, err := s.ConfigGet(ctx, eventsSetting).Result()
	if err != nil {
		return err
	}
	s.was = was[eventsSetting]
	return s.send(ctx, sendExpired)
}

// send has Redis send events.
func (s *store) send(ctx context.Context, events string) error {
	return s.ConfigSet(ctx, eventsSetting, events).Err()
}

// isRedis checks the process that is to be measured. A Redis in a container tells the process id
// that it has there. Here another process has that id, or none. Its command line counts, since it
// may have been started by a loader.
func isRedis(pid int) error {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return fmt.Errorf("it says that it is process %d, which does not exist here (is it in a container?): its CPU "+
			"cannot be measured: %w", pid, err)
	}
	name := strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))
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
	s.product = productOf(info)
	if s.pid, err = strconv.Atoi(valueOf(info, "process_id")); err != nil {
		return err
	}
	has, err := s.Do(ctx, "COMMAND", "INFO", "hpexpire", "hsetex").Slice()
	if err == nil && len(has) == 2 {
		s.fields, s.setex = has[0] != nil, has[1] != nil
	}
	return err
}

// productOf is the name and the version of a server. Valkey also names the Redis that it is like.
func productOf(info string) string {
	if v := valueOf(info, "valkey_version"); v != "" {
		return "Valkey " + v
	}
	return "Redis " + valueOf(info, "redis_version")
}

// valueOf is the value of a line of INFO.
func valueOf(info, name string) string {
	_, rest, _ := strings.Cut(info, name+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// release leaves a Redis that wasn't started here as it was. It deletes by name: keys that another
// client has written meanwhile stay. Memory that is free then is given back, for what is measured
// next.
func (s *store) release(ctx context.Context) {
	for _, keys := range s.own {
		_ = s.Del(ctx, keys...).Err()
	}
	_ = s.send(ctx, s.was)
	_ = s.Do(ctx, "MEMORY", "PURGE").Err()
}

// close ends a Redis that was started here, and releases another one.
func (s *store) close() {
	if s.cmd == nil {
		s.release(context.Background())
	}
	_ = s.Client.Close()
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}
