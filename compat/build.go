package compat

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed base
var base string

// ErrNoHistory is returned by Build in a checkout that doesn't have the commit of the release
// before.
var ErrNoHistory = errors.New("compat: this checkout doesn't have the commit of the release before")

// Build returns the program of the release before, and builds it if that was not done yet.
func Build(ctx context.Context) (binary string, err error) {
	hash := strings.TrimSpace(base)
	module, err := run(ctx, "", "go", "env", "GOMOD")
	if err != nil {
		return "", err
	}
	root := filepath.Dir(module)
	if _, err := run(ctx, root, "git", "cat-file", "-e", hash+"^{commit}"); err != nil {
		return "", fmt.Errorf("%w, %s: %w", ErrNoHistory, hash, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "presence-compat")
	binary = filepath.Join(cache, hash, "presence")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o700); err != nil {
		return "", err
	}
	return binary, build(ctx, root, hash, binary)
}

// build builds a commit in a folder of its own. Of two that do so at once, the last one's counts.
func build(ctx context.Context, root, hash, binary string) error {
	dir, err := os.MkdirTemp(filepath.Dir(binary), "source-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	packed, built := filepath.Join(dir, "source.tar"), filepath.Join(dir, "presence")
	for _, command := range [][]string{
		{"git", "-C", root, "archive", "-o", packed, hash},
		{"tar", "-xf", packed},
		{"go", "build", "-buildvcs=false", "-ldflags=-X main.givenRevision=" + hash, "-o", built, "./cmd/presence"},
	} {
		if _, err := run(ctx, dir, command[0], command[1:]...); err != nil {
			return err
		}
	}
	return os.Rename(built, binary)
}

// run runs a command in a folder, and returns what it prints.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	var failed strings.Builder
	c.Stderr = &failed
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, strings.TrimSpace(failed.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
