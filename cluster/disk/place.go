package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// place is a directory as it was opened, with the files in it that are this log's. Its path may
// name something else later: the directory was deleted, moved away or mounted over. A restart would
// not read what is written then.
type place struct {
	dir      string
	opened   fs.FileInfo
	lock     *os.File
	lockInfo fs.FileInfo
	files    []ownFile // ascending; the last is the one that is written
}

type ownFile struct {
	name string // path
	info fs.FileInfo
}

// openPlace locks a directory.
func openPlace(dir string) (p place, err error) {
	p.dir = dir
	if p.opened, err = os.Stat(dir); err != nil {
		return p, err
	}
	if p.lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return p, err
	}
	p.lockInfo, err = p.lock.Stat()
	if err == nil {
		err = syscall.Flock(int(p.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("%w: %s", ErrLocked, dir)
		}
	}
	if err != nil {
		return p, errors.Join(err, p.lock.Close())
	}
	return p, nil
}

func (p *place) close() error { return p.lock.Close() }

// gone returns an error if the directory, its lock or one of files is not at its path any more.
func (p *place) gone(files []ownFile) error {
	if err := same(p.dir, p.opened, os.Stat); err != nil {
		return fmt.Errorf("%w: the directory %s: %w", ErrGone, p.dir, err)
	}
	if err := same(p.lock.Name(), p.lockInfo, os.Lstat); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrGone, p.lock.Name(), err)
	}
	for _, f := range files {
		if err := same(f.name, f.info, os.Lstat); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrGone, f.name, err)
		}
	}
	return nil
}

var errAnother = errors.New("something else is in its place")

// same returns nil while a path names what it named before.
func same(path string, before fs.FileInfo, stat func(string) (fs.FileInfo, error)) error {
	now, err := stat(path)
	var p *fs.PathError
	switch {
	case errors.As(err, &p):
		return p.Err
	case err == nil && !os.SameFile(before, now):
		return errAnother
	}
	return err
}

// latest is the file that is written, as a list.
func (p *place) latest() []ownFile { return p.files[max(0, len(p.files)-1):] }

// strangers returns an error if there are files of a log that this place doesn't know. An operator
// put them there, and wants them to be read.
func (p *place) strangers() error {
	names, err := logFiles(p.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		known := false
		for _, f := range p.files {
			known = known || f.name == name && same(name, f.info, os.Lstat) == nil
		}
		if !known {
			return fmt.Errorf("%w: %s was put there meanwhile; restart the node to load it, or move it away",
				ErrGone, name)
		}
	}
	return nil
}

// add notes a file as this log's.
func (p *place) add(name string) error {
	info, err := os.Lstat(name)
	if err == nil {
		p.files = append(p.files, ownFile{name, info})
	}
	return err
}
