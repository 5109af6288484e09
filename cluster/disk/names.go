package disk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const suffix = ".log"

func fileName(number int) string { return fmt.Sprintf("%08d%s", number, suffix) }

// numberOf is the inverse of fileName. ok is false for a name that fileName never gives.
func numberOf(name string) (number int, ok bool) {
	_, err := fmt.Sscanf(name, "%d"+suffix, &number)
	return number, err == nil && number > 0 && fileName(number) == name
}

// logFiles are the paths of the files of a log, ascending. Any other file with the suffix is an
// error: only the operator who put it there knows whether it belongs to the log.
func logFiles(dir string) (paths []string, err error) {
	entries, err := os.ReadDir(dir) // sorted; from the hundred millionth file on no more
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if _, ok := numberOf(e.Name()); !ok {
			return nil, fmt.Errorf("%s: no file of this log, whose files are named such as %s; "+
				"move it out of the directory", path, fileName(1))
		}
		if !e.Type().IsRegular() {
			return nil, fmt.Errorf("%s: neither a link nor a directory may have the name of a file of this log; "+
				"move it out of the directory", path)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
