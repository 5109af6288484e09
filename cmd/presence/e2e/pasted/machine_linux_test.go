package pasted

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// full says whether a minute is a minute.
var full = os.Getenv("PRESENCE_TOOLS") == "full"

// machine is where nothing runs yet: no port is taken, no process is there, and bin/ of the project
// is empty.
type machine struct {
	t      *testing.T
	holder int      // the process whose namespaces these are
	folder string   // in which terminals begin
	env    []string // of terminals
}

// hold keeps the namespaces until its stdin ends, which is when this process does; all that runs in
// them ends with it.
const hold = `mount -t tmpfs tmpfs "$0" && ip link set lo up && echo up && exec cat`

// boot makes a machine. On an installed one the command is in PATH, and terminals begin in an empty
// folder; on another one, in the project's.
func boot(t *testing.T, installed bool) *machine {
	t.Helper()
	project, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(project, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", hold, bin)
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatalf("unshare, of util-linux, is needed: %v", err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "up\n" {
		t.Fatalf("no namespaces: %q", line)
	}
	m := &machine{t: t, holder: cmd.Process.Pid, folder: project}
	path := os.Getenv("PATH")
	if installed {
		m.folder, path = t.TempDir(), filepath.Dir(command(t))+":"+path
	}
	m.env = environment(t, path)
	return m
}

// environment is that of a person: no settings of Presence but, where a minute is a second, those
// that fit.
func environment(t *testing.T, path string) (env []string) {
	t.Helper()
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PRESENCE_") && !strings.HasPrefix(e, "NO_COLOR") {
			env = append(env, e)
		}
	}
	if !full {
		path = scaled(t) + ":" + path
		env = append(env, "PRESENCE_HEARTBEAT_INTERVAL=500ms", "PRESENCE_GRACE=15s", "PRESENCE_LINGER=1s")
	}
	return append(env, "PATH="+path, "TERM=xterm-256color", "PS1=", "PS2=", "HISTFILE=/dev/null")
}

// scaled is a folder with a sleep for which half a minute is half a second.
func scaled(t *testing.T) string {
	t.Helper()
	real, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" -lt 30 ] || exec %s 0.5\nexec %s \"$1\"\n", real, real)
	if err := os.WriteFile(filepath.Join(dir, "sleep"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// shell is the command that opens a terminal on the machine.
func (m *machine) shell() *exec.Cmd {
	of := func(name, kind string) string { return fmt.Sprintf("--%s=/proc/%d/ns/%s", name, m.holder, kind) }
	cmd := exec.Command("nsenter", of("net", "net"), of("mount", "mnt"), of("pid", "pid_for_children"), "--",
		"sh", "-c", `cd "$0" && exec bash --norc --noprofile -i`, m.folder)
	cmd.Env = m.env
	return cmd
}

var build sync.Once

var built struct {
	path string
	err  error
}

// command is the path of the command, built once.
func command(t *testing.T) string {
	t.Helper()
	build.Do(func() {
		dir, err := os.MkdirTemp("", "presence-pasted")
		if built.err = err; err != nil {
			return
		}
		built.path = filepath.Join(dir, "presence")
		if out, err := exec.Command("go", "build", "-o", built.path,
			root+"/cmd/presence").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.path != "" {
		_ = os.RemoveAll(filepath.Dir(built.path))
	}
	os.Exit(code)
}
