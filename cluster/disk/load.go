package disk

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
)

// load gives the entries of all files to take. The names are checked before anything is touched.
func (l *Log) load(take func(Entry)) error {
	names, err := logFiles(l.dir)
	if err != nil {
		return err
	}
	for i, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		left := l.repair(name, b, scan(b, take), i == len(names)-1)
		l.size += left
		if err := l.place.add(name); err != nil {
			return err
		}
		l.number, _ = numberOf(filepath.Base(name))
	}
	l.base = l.size
	return nil
}

// repair takes the damaged pieces out of a file and keeps them beside it, so that the next start
// has nothing to report. It returns how long the file is. When the repair fails, the node starts
// all the same: what is whole is loaded.
func (l *Log) repair(name string, b []byte, damaged []span, last bool) (left int64) {
	torn := tornEnd(b, damaged, last)
	inside := damaged
	if torn >= 0 {
		inside = damaged[:len(damaged)-1]
	} else {
		torn = len(b)
	}
	if len(inside) > 0 {
		return l.takeOut(name, b, inside, torn)
	}
	if torn < len(b) {
		l.keep(slog.LevelWarn, name+".torn", b[torn:], "a file ends in something that is no whole entry, "+
			"as a power cut leaves of what was not yet acknowledged; it is cut off",
			"file", name, "offset", torn, "bytes", len(b)-torn)
	} else if !last {
		return int64(len(b))
	}
	// a crash may have left reserved room behind the end, too
	if err := os.Truncate(name, int64(torn)); err != nil {
		l.log.Error("log file failed to truncate", "file", name, "error", err)
	}
	return int64(torn)
}

// tornEnd is where the part begins that a power cut left, or -1 if there is none.
func tornEnd(b []byte, damaged []span, last bool) int {
	if n := len(damaged); n > 0 && last && damaged[n-1].to == len(b) {
		return damaged[n-1].from
	}
	return -1
}

// takeOut writes a file anew, without its damaged pieces and without all from the offset end on.
func (l *Log) takeOut(name string, b []byte, damaged []span, end int) (left int64) {
	var lost, whole []byte
	at := 0
	for _, s := range damaged {
		lost = append(lost, b[s.from:s.to]...)
		whole = append(whole, b[at:s.from]...)
		at = s.to
	}
	whole = append(whole, b[at:end]...)
	kept := l.keep(slog.LevelError, name+".damaged", lost,
		"a file is damaged; what is whole is loaded, and the rest taken out of it",
		"file", name, "offset", damaged[0].from, "bytes", len(lost), "pieces", len(damaged))
	if kept && end < len(b) {
		kept = l.keep(slog.LevelWarn, name+".torn", b[end:],
			"a file ends in something that is no whole entry; it is cut off", "file", name, "offset", end)
	}
	if !kept {
		return int64(len(b))
	}
	if err := replaceFile(name, whole); err != nil {
		l.log.Error("repair of a damaged file failed; the next start will find it as it is",
			"file", name, "error", err)
		return int64(len(b))
	}
	return int64(len(whole))
}

// maxAside is how many bytes of damaged pieces a directory keeps.
const maxAside = 64 << 20

// keep adds a damaged piece to a file beside the log, and logs what happened. It reports whether
// the piece can go: it is kept, or there is no place for more.
func (l *Log) keep(level slog.Level, name string, b []byte, what string, args ...any) bool {
	if l.aside()+int64(len(b)) > maxAside {
		l.log.Error(what+"; no copy is kept, as there are so many: look at them, and move them away",
			append(args, "bytes_kept", l.aside())...)
		return true
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err == nil {
		_, err = f.Write(b)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		l.log.Error(what+"; a copy could not be kept", append(args, "copy", name, "error", err)...)
		return false
	}
	l.log.Log(context.Background(), level, what+"; a copy is kept", append(args, "copy", name)...)
	return true
}

// aside is how many bytes of damaged pieces there are.
func (l *Log) aside() (bytes int64) {
	for _, pattern := range []string{"*" + suffix + ".damaged", "*" + suffix + ".torn"} {
		names, _ := filepath.Glob(filepath.Join(l.dir, pattern)) // the only error is about the pattern
		for _, name := range names {
			if info, err := os.Lstat(name); err == nil {
				bytes += info.Size()
			}
		}
	}
	return bytes
}
