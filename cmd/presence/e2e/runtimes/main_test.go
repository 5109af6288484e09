package runtimes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/target"
)

const client = "../../../../client"

// folder is a user's, with the packed client installed, and url that of a node.
var folder, packed, url string

// full reports whether other runtimes are installed and run, too.
func full() bool { return os.Getenv("PRESENCE_TOOLS") == "full" }

func TestMain(m *testing.M) {
	code, err := run(m)
	if code == 0 && err == nil {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "runtimes:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if _, err := exec.LookPath("node"); err != nil {
		return 1, fmt.Errorf("Node 20 and npm are needed; make client-needs installs them: %w", err)
	}
	if folder, err = os.MkdirTemp("", "presence-runtimes-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(folder)
	cluster, err := node()
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	url = cluster.Nodes[0].URL
	if err := install(); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

func node() (*target.Cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	binary, err := target.Binary(ctx, "", folder)
	if err != nil {
		return nil, err
	}
	return target.StartLocal(ctx, target.Plan{Nodes: 1, Binary: binary})
}

// install packs the client, and installs the file as a user does.
func install() error {
	out, err := npm(client, "pack", "--json", "--silent", "--pack-destination", folder)
	if err != nil {
		return err
	}
	var files []struct{ Filename string }
	if err := json.Unmarshal(out[max(0, strings.Index(string(out), "[")):], &files); err != nil || len(files) != 1 {
		return fmt.Errorf("npm pack printed %q: %w", out, err)
	}
	packed = filepath.Join(folder, files[0].Filename)
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"type":"module"}`), 0o600); err != nil {
		return err
	}
	_, err = npm(folder, "install", "--offline", packed)
	return err
}

// npm runs npm in a folder, and returns what it prints.
func npm(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("npm", append(args, "--no-audit", "--no-fund")...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("npm %s in %s: %w\n%s", strings.Join(args, " "), dir, err, exit.Stderr)
	}
	return out, err
}

// ready copies a folder of testdata to one of the test's own, and installs what its list says.
func ready(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	if _, err := npm(dir, "ci", "--ignore-scripts"); err != nil {
		t.Fatal(err)
	}
	return dir
}
