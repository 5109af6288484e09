package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// writable says why a result could not be written to a file, before minutes are spent on measuring it. A result takes the place of the file,
// which must not happen to a device.
func writable(path string) error {
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
