package disk

import (
	"os"
	"path/filepath"
)

// SetNote keeps a few bytes in the directory, beside the entries. After a crash Note returns the
// former bytes or these. After an error it is tried again. The name must be none of this package's
// own: lock, *.log, *.new.
func (l *Log) SetNote(name string, b []byte) error {
	l.noting.Lock()
	defer l.noting.Unlock()
	err := replaceFile(filepath.Join(l.dir, name), b)
	l.notes[name] = note{b, err == nil}
	return err
}

// saveNotes writes the notes that are not in the directory. It does not wait for one that is being
// written.
func (l *Log) saveNotes() {
	if !l.noting.TryLock() {
		return
	}
	defer l.noting.Unlock()
	for name, n := range l.notes {
		if !n.saved {
			n.saved = replaceFile(filepath.Join(l.dir, name), n.bytes) == nil
			l.notes[name] = n
		}
	}
}

// lostNotes has all notes written again, as the directory is another one.
func (l *Log) lostNotes() {
	l.noting.Lock()
	defer l.noting.Unlock()
	for name, n := range l.notes {
		l.notes[name] = note{n.bytes, false}
	}
}

// Note returns what SetNote kept. The error is fs.ErrNotExist if it kept nothing.
func (l *Log) Note(name string) ([]byte, error) { return os.ReadFile(filepath.Join(l.dir, name)) }
