package centrifugo

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/scaiwave/presence/bench/contest"
)

// The program that is compared with. Its module replaces no other, so go install can build it.
const (
	module  = "github.com/centrifugal/centrifugo/v6"
	version = "v6.9.1"
)

// ErrNone means that there is no Centrifugo to compare with.
var ErrNone = errors.New("no centrifugo to compare with: it is built by go install, which needs Go and a module " +
	"proxy; or name the program with --centrifugo=PATH")

// Binary returns the path of Centrifugo and its version: the program that was given, or the one in
// the user's cache, which it builds if it isn't there yet.
func Binary(ctx context.Context, given string, p contest.Progress) (path, is string, err error) {
	if given != "" {
		if path, err = exec.LookPath(given); err == nil {
			path, err = filepath.Abs(path)
		}
	} else if path, err = cached(); err == nil {
		if _, missing := os.Stat(path); missing != nil {
			p.Phase("building centrifugo "+version+", once", 0)
			err = install(ctx, path)
		}
	}
	if err != nil {
		return "", "", fmt.Errorf("%w\n%w", ErrNone, err)
	}
	is, err = versionOf(ctx, path)
	return path, is, err
}

// cached is where the program of the pinned version is kept.
func cached() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "presence-bench", "centrifugo-"+version, "centrifugo"), err
}

// install builds the program beside path first: a build that was ended early leaves nothing there.
func install(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "building-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, "go", "install", module+"@"+version)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go install %s@%s: %w\n%s", module, version, err, lastLines(out))
	}
	return os.Rename(filepath.Join(dir, "centrifugo"), path)
}

// lastLines is the end of what a build says, which is hundreds of lines of downloads otherwise.
func lastLines(out []byte) string {
	const most = 1000
	return strings.TrimSpace(string(out[max(0, len(out)-most):]))
}

// versionOf returns the version of a program, such as 6.9.1. Go writes it into what go install
// builds; a release says it itself.
func versionOf(ctx context.Context, path string) (string, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil || !strings.HasPrefix(info.Main.Path, "github.com/centrifugal/centrifugo/") {
		return "", fmt.Errorf("%s is no Centrifugo", path)
	}
	if is, ok := strings.CutPrefix(info.Main.Version, "v"); ok {
		return is, nil
	}
	out, err := exec.CommandContext(ctx, path, "version").Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w", path, err)
	}
	_, rest, _ := strings.Cut(string(out), " v")
	is, _, _ := strings.Cut(rest, " ")
	return is, nil
}
