//go:build unix

package presence_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// newcomer is an empty folder beside the project, and the way to the modules that it needs: those
// that this test was built with.
func newcomer(t *testing.T) (dir string, env []string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := os.Symlink(root, filepath.Join(dir, "presence")); err != nil {
		t.Fatal(err)
	}
	return dir, append(os.Environ(), "GOPROXY=off", "GONOSUMDB=*", "GOFLAGS=-mod=mod", "GOWORK=off")
}

// TestNewcomer follows the page in another module: the package can be imported, brings along one
// module only, and the program on the page does what the page says.
func TestNewcomer(t *testing.T) {
	dir, env := newcomer(t)
	steps := blocks(t, "sh")
	if len(steps) != 2 {
		t.Fatalf("%d blocks of commands", len(steps))
	}
	shell := func(ctx context.Context, at, script string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "bash", "-e", "-c", script)
		cmd.Dir, cmd.Env = filepath.Join(dir, at), env
		return cmd
	}
	if out, err := shell(t.Context(), "", steps[0]).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program := strings.ReplaceAll(blocks(t, "go")[0], "http://127.0.0.1:8080", server)
	if err := os.WriteFile(filepath.Join(dir, "hello", "main.go"), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	const modules = `go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}' . |
		sort -u | tr '\n' ' '`
	got, err := shell(t.Context(), "hello", modules).Output()
	if want := "github.com/coder/websocket github.com/scaiwave/presence "; string(got) != want {
		t.Errorf("it brings along %q (%v); want %q", got, err, want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := shell(ctx, "hello", steps[1])
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	interrupted(t, cmd, "ben is offline")
}

// interrupted runs a command, and interrupts it as Ctrl-C does when it has written a line.
func interrupted(t *testing.T, cmd *exec.Cmd, line string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, seen := bufio.NewScanner(out), false
	for lines.Scan() {
		if lines.Text() == line && !seen {
			seen = true
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		}
	}
	if err := cmd.Wait(); !seen {
		t.Errorf("it never wrote %q: %v\n%s", line, err, &errs)
	}
}
