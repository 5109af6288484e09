package disk

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// file is a file of a log. Tests have one that fails.
type file interface {
	Write(b []byte) (int, error)
	Sync() error
	Truncate(size int64) error
	Close() error
	// Reserve has the file system keep bytes for the file, from an offset on. It returns
	// errors.ErrUnsupported where that can't be had.
	Reserve(from, bytes int64) error
}

type osFile struct{ *os.File }

func createFile(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// reserve returns by how much a file may grow.
func reserve(f file, from, bytes int64) (room int64, err error) {
	err = f.Reserve(from, bytes)
	if errors.Is(err, errors.ErrUnsupported) {
		return math.MaxInt64, nil
	}
	return bytes, err
}

// replaceFile gives a file new contents. After a crash it has the former ones or these.
func replaceFile(name string, b []byte) error {
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name+".new"))
	}
	return syncDir(filepath.Dir(name))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("to sync the directory: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
