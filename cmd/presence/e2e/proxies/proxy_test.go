package proxies

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/scaiwave/presence/bench/target"
)

// kind is what the tests know of a proxy.
type kind struct {
	name, language string
	file           string
	start          func(dir, file string) *exec.Cmd
	reload         func(p *proxy) error
	marked         [2]string // a piece of its configuration, and what sets the header X-Reloaded
	gzip           [2]string // the same, and what compresses all that it may
	keeps          bool      // sockets, when it is reloaded
}

var kinds = []kind{
	{
		name: "nginx", language: "nginx", file: "nginx.conf",
		start: func(dir, file string) *exec.Cmd {
			return exec.Command("nginx", "-p", dir, "-c", file, "-e", filepath.Join(dir, "error.log"), "-g",
				"daemon off;")
		},
		reload: func(p *proxy) error { return p.cmd.Process.Signal(syscall.SIGHUP) },
		marked: [2]string{"location / {", "location / { add_header X-Reloaded yes;"},
		gzip:   [2]string{"location / {", "location / { gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0;"},
		keeps:  true,
	},
	{
		name: "haproxy", language: "haproxy", file: "haproxy.cfg",
		start:  func(_, file string) *exec.Cmd { return exec.Command("haproxy", "-W", "-f", file) },
		reload: func(p *proxy) error { return p.cmd.Process.Signal(syscall.SIGUSR2) },
		marked: [2]string{
			"default_backend nodes",
			"http-response set-header X-Reloaded yes\n    default_backend nodes",
		},
		gzip:  [2]string{"default_backend nodes", "compression algo gzip\n    default_backend nodes"},
		keeps: true,
	},
	{
		name: "caddy", language: "caddy", file: "Caddyfile",
		start: func(dir, file string) *exec.Cmd { return caddy(dir, "run", "--config", file) },
		reload: func(p *proxy) error {
			out, err := caddy(p.dir, "reload", "--config", p.file).CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w\n%s", err, out)
			}
			return err
		},
		marked: [2]string{"reverse_proxy", "header X-Reloaded yes\n    reverse_proxy"},
		gzip: [2]string{"reverse_proxy", `@rest not path /v1/events
    encode @rest {
        gzip
        minimum_length 1
    }
    reverse_proxy`},
	},
}

func caddy(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("caddy", append(args, "--adapter", "caddyfile")...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return cmd
}

// proxy is a process with a configuration of the page.
type proxy struct {
	kind
	dir, file, addr string
	config          string
	cmd             *exec.Cmd
	log             *journal
	gone            chan struct{}
}

// newProxy starts one of a kind with the block of the page, as change makes it.
func newProxy(t *testing.T, k kind, p ports, change func(string) string) *proxy {
	t.Helper()
	port, dir := freePorts(t, 1)[0], t.TempDir()
	text := moved(t, block(t, k.language, 0), dir, port, p)
	return launch(t, k, dir, net.JoinHostPort("127.0.0.1", port), change(text))
}

func asItIs(text string) string { return text }

// launch starts a proxy and waits until it listens. It is killed when the test ends.
func launch(t *testing.T, k kind, dir, addr, config string) *proxy {
	t.Helper()
	if k.name == "nginx" { // its temporary files: only root may write where they are by default
		temp := "http {\n"
		for _, of := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			temp += fmt.Sprintf("    %s_temp_path %s;\n", of, filepath.Join(dir, of))
		}
		config = instead(t, config, "http {\n", temp)
		for _, d := range []string{dir, filepath.Dir(dir)} { // its workers are www-data
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	x := &proxy{
		kind: k, dir: dir, file: filepath.Join(dir, k.file), addr: addr,
		log: &journal{}, gone: make(chan struct{}),
	}
	x.write(t, config)
	x.cmd = k.start(dir, x.file)
	x.cmd.Stdout, x.cmd.Stderr = x.log, x.log
	if err := target.StartOn(nil, x.cmd); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = x.cmd.Wait()
		close(x.gone)
	}()
	t.Cleanup(func() { x.end(t) })
	eventually(t, k.name+" does not listen", x.listens)
	return x
}

func (x *proxy) write(t *testing.T, config string) {
	t.Helper()
	x.config = config
	if err := os.WriteFile(x.file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (x *proxy) listens() error {
	select {
	case <-x.gone:
		return errors.New("it has ended: " + x.log.String())
	default:
	}
	c, err := net.Dial("tcp", x.addr)
	if err == nil {
		_ = c.Close()
	}
	return err
}

// end kills the proxy with all its workers, also those that a reload has left.
func (x *proxy) end(t *testing.T) {
	_ = syscall.Kill(-x.cmd.Process.Pid, syscall.SIGKILL)
	<-x.gone
	if t.Failed() {
		text := x.log.String()
		if more, err := os.ReadFile(filepath.Join(x.dir, "error.log")); err == nil {
			text += string(more)
		}
		t.Logf("%s wrote:\n%s", x.name, text[max(0, len(text)-3000):])
	}
}
