package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// folder is where results go by default.
const folder = "bench-results"

// placeOf returns the file to write: what --out says, or a name in the folder, which it makes if it
// must.
func placeOf(out, name string) (string, error) {
	if out != "" {
		return out, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("%w; name a file with --out", err)
	}
	return filepath.Join(folder, name), nil
}

// apart returns an error if writing out would replace one of the files that are read, by any name
// or link.
func apart(out string, read ...string) error {
	to, err := os.Stat(out)
	if err != nil {
		return nil // there is no file to lose
	}
	for _, path := range read {
		if from, err := os.Stat(path); err == nil && os.SameFile(from, to) {
			return fmt.Errorf("--out=%s: this is %s, which is read; name another file", out, path)
		}
	}
	return nil
}

// writable returns why a result could not be written to a file, before minutes are spent on
// measuring. The result replaces the file, so it must be no device, and none of the files that are
// read.
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
		err = failed.Err // without the name of a temporary file
	}
	if err != nil {
		return fmt.Errorf("--out=%s: nothing can be written in %s: %w", path, dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
