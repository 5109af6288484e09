package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const module = "github.com/scaiwave/presence"

// Binary finds the server's binary. It is the path that was given. Else, inside this module, it is
// built from it into dir: what is measured is what the module has. Else it is the one beside this
// program, or on the PATH.
func Binary(ctx context.Context, given, dir string) (string, error) {
	if given != "" {
		path, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("--presence: %w", err)
		}
		return filepath.Abs(path)
	}
	if inModule(ctx) {
		return build(ctx, filepath.Join(dir, "presence"))
	}
	if self, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), "presence")); err == nil {
			return path, nil
		}
	}
	if path, err := exec.LookPath("presence"); err == nil {
		return filepath.Abs(path)
	}
	return "", errors.New("no server binary: run this inside the module, or say where it is with --presence=PATH")
}

func inModule(ctx context.Context) bool {
	out, err := exec.CommandContext(ctx, "go", "list", "-m").Output()
	return err == nil && strings.TrimSpace(string(out)) == module
}

func build(ctx context.Context, path string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, module+"/cmd/presence").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the server: %w\n%s", err, out)
	}
	return path, nil
}
