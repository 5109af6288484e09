package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOutIsTriedBeforeAnythingIsMeasured: a result that can't be written would be noticed after
// minutes, and a device would be replaced.
func TestOutIsTriedBeforeAnythingIsMeasured(t *testing.T) {
	dir := t.TempDir()
	device := filepath.Join(dir, "device") // a link: without what is tested here, it would be replaced
	if err := os.Symlink(os.DevNull, device); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing", "r.json"): "nothing can be written in " + filepath.Join(dir, "missing"),
		dir:                                     "a directory or a device",
		device:                                  "a directory or a device",
	} {
		for _, command := range []string{
			"engine --participants=1000 --duration=300ms",
			"compare redis --presence=/nowhere", "compare centrifugo --presence=/nowhere", "report " + measuredHere,
		} {
			if _, errs, code := call(t, append(strings.Fields(command), "--out="+path)...); code != 1 ||
				!strings.Contains(errs, want) || strings.Contains(errs, "arrive") {
				t.Errorf("%s --out=%s: status %d: %s; want 1, %q and nothing measured", command, path, code, errs, want)
			}
		}
	}
	path := filepath.Join(dir, "r.json")
	if err := writable(path); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%v; want nothing but the link", left)
	}
}

// TestOutIsNoneOfTheInputs: a result of hours, a key or the server's binary would be lost.
func TestOutIsNoneOfTheInputs(t *testing.T) {
	const text = "precious"
	path := write(t, "r.json", []byte(text))
	dir := filepath.Dir(path)
	link, other := filepath.Join(dir, "link"), filepath.Join(dir, "other")
	if err := errors.Join(os.Symlink(path, link), os.Link(path, other)); err != nil {
		t.Skip(err)
	}
	for _, out := range []string{path, dir + "/./r.json", link, other} {
		for _, command := range []string{
			"report " + measuredHere + " " + path,
			"steady --server=https://127.0.0.1:1 --ca-file=" + path,
			"steady --server=http://127.0.0.1:1 --key-file=" + path,
			"link --presence=" + path,
			"compare redis --presence=" + path,
			"compare centrifugo --centrifugo=" + path,
		} {
			want := "--out=" + out + ": this is " + path + ", which is read; name another file"
			if _, errs, code := call(t, append(strings.Fields(command), "--out="+out)...); code != 1 ||
				!strings.Contains(errs, want) {
				t.Errorf("%s --out=%s: status %d: %s; want 1 and %q", command, out, code, errs, want)
			}
		}
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != text {
		t.Errorf("%q, %v; want what was there", kept, err)
	}
}
