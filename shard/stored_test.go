package shard

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestStoredSnapshots: a disk may have a snapshot of any format that was ever written, so each is
// read for ever. What is written in another way needs a format of its own: raise snapshotFormat,
// read the former one too, and let -rewrite add the file.
func TestStoredSnapshots(t *testing.T) {
	set := testSettings()
	want := full(set).Account(Origin, KeyOf("ada"))
	name := filepath.Join("testdata", fmt.Sprintf("snapshot-%d.hex", snapshotFormat))
	now := full(set).Snapshot(Origin, 5)
	if _, err := os.Stat(name); *rewrite && err != nil {
		if err := os.WriteFile(name, []byte(hex.EncodeToString(now)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if string(stored(t, name)) != string(now) {
		t.Errorf("a snapshot differs from %s, which is of the same format", name)
	}
	files, err := filepath.Glob("testdata/snapshot-*.hex")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		p := NewCopy(set, NewMemory(set), 0, Origin)
		if _, err := p.Fill(Origin, 0, stored(t, name), ceiling); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := p.Account(Origin, KeyOf("ada")); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got  %+v\nwant %+v", name, got, want)
		}
	}
}

func stored(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
