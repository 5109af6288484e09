package busy

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzRead: a feed is anybody's. Whatever is in it, it is read or refused, and its blocks are in
// order, apart, and within what was asked for.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(files) == 0 {
		f.Fatal("no files", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	from := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	until := from.AddDate(0, 0, 7)
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Read(bytes.NewReader(text), Options{Tentative: true})
		if err != nil {
			return
		}
		blocks, _ := c.Blocks(from, until) // what was passed over is an error beside them
		for i, b := range blocks {
			if !b.From.Before(b.Until) || b.From.Before(from) || b.Until.After(until) {
				t.Fatalf("block %v is not within %v and %v", b, from, until)
			}
			if i > 0 && !blocks[i-1].Until.Before(b.From) {
				t.Fatalf("blocks %v and %v aren't apart", blocks[i-1], b)
			}
		}
	})
}
