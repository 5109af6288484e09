package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrVersion means that a file has a format that this program does not know.
var ErrVersion = errors.New("result: unknown version")

// maxBytes is the size of the largest file that is read. A long run has some megabytes.
const maxBytes = 256 << 20

// Write writes r to a file, whole or not at all.
func Write(path string, r *Result) error {
	if err := r.Validate(); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	return WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(append(raw, '\n'))
		return err
	})
}

// WriteFile replaces a file by what write writes. When that fails, the old file stays.
func WriteFile(path string, write func(w io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".result-*")
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	defer os.Remove(f.Name())
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("result: %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

// Read returns the result that Write wrote to a file.
func Read(path string) (*Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	if len(raw) > maxBytes {
		return nil, fmt.Errorf("result: %s: larger than %d MiB", path, maxBytes>>20)
	}
	r, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Parse returns the result in a text that Write wrote. It checks the version before anything else.
func Parse(raw []byte) (*Result, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("result: not a result of presence-bench: %w", err)
	}
	if head.Version != Version {
		return nil, fmt.Errorf("%w: %d; this program reads %d", ErrVersion, head.Version, Version)
	}
	var r Result
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	return &r, r.Validate()
}

// ReadAll reads several.
func ReadAll(paths []string) (all []*Result, err error) {
	for _, path := range paths {
		r, err := Read(path)
		if errors.Is(err, ErrVersion) {
			return nil, fmt.Errorf("%w: the file is of another presence-bench, or no result", err)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
