package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// folder is where results go whose place nobody has named.
const folder = "bench-results"

// placeOf is where to write: what --out says, or a name in the folder, which is made if it isn't
// there.
func placeOf(out, name string) (string, error) {
	if out != "" {
		return out, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("%w; name a file with --out", err)
	}
	return filepath.Join(folder, name), nil
}

// apart says that what is written would take the place of a file that is read, by whatever name or
// link.
func apart(out string, read ...string) error {
	to, err := os.Stat(out)
	if err != nil {
		return nil // there is nothing that could be lost
	}
	for _, path := range read {
		if from, err := os.Stat(path); err == nil && os.SameFile(from, to) {
			return fmt.Errorf("--out=%s: this is %s, which is read; name another file", out, path)
		}
	}
	return nil
}

// writable says why a result could not be written to a file, before minutes are spent on measuring
// it. What is written takes the place of the file, which must not happen to a device, nor to one
// that is read.
func writable(path string, read ...string) error {
	if err := apart(path, read...); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("--out=%s: this is a directory or a device; must be a file, or none yet", path)
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".result-*")
	if failed, ok := errors.AsType[*os.PathError](err); ok {
		err = failed.Err // without the name of what nobody asked for
	}
	if err != nil {
		return fmt.Errorf("--out=%s: nothing can be written in %s: %w", path, dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
