package keep

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/disk"
	"github.com/scaiwave/presence/cluster/link"
)

// TestComplaintsEnd: what a node says of its disk counts until it is well, or says it no more.
func TestComplaintsEnd(t *testing.T) {
	var c Complaints
	node := link.Name{ID: "n1", Boot: "1"}
	want := func(when, words string) {
		t.Helper()
		if got := c.Of(node); got != words {
			t.Errorf("%s: %q, want %q", when, got, words)
		}
	}
	want("nothing said", "")
	c.Set(node, "full")
	want("complained", "full")
	c.Set(node, "")
	want("well again", "")
	c.Set(node, "full")
	c.said[node] = complaint{"full", time.Now()}
	want("silent since", "")
}

// TestWordsForEachCause: each cause has words of its own, without a path.
func TestWordsForEachCause(t *testing.T) {
	said := map[string]error{}
	for _, err := range []error{disk.ErrNoSpace, disk.ErrGone, disk.ErrSlow, disk.ErrBehind, os.ErrInvalid} {
		words := wordsOf(fmt.Errorf("/a/path: %w", err), "n7")
		if !strings.Contains(words, "n7") || strings.Contains(words, "/a/path") {
			t.Errorf("%v: %q", err, words)
		}
		if other := said[words]; other != nil {
			t.Errorf("%v and %v: %q of both", err, other, words)
		}
		said[words] = err
	}
}
