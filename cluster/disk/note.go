package disk

import (
	"errors"
	"os"
	"path/filepath"
)

// SetNote keeps a few bytes in the directory, beside the entries. After a crash it is the former
// note or the new one. The name must not be one of this package's own: lock, *.log, and *.new.
func (l *Log) SetNote(name string, b []byte) error {
	path := filepath.Join(l.dir, name)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(path+".new", path); err != nil {
		return err
	}
	return l.syncDir()
}

// Note gives what SetNote has kept; the error is fs.ErrNotExist if that is nothing.
func (l *Log) Note(name string) ([]byte, error) { return os.ReadFile(filepath.Join(l.dir, name)) }
