package people

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The compiler finds a call that takes a bare id; an item of a batch that is put together by hand
// it doesn't.
func TestItemsAreMadeHere(t *testing.T) {
	found := 0
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, item := range []string{"cluster.Heartbeat{", "cluster.DirectMessage{", "cluster.Edge{", "cluster.Judged{"} {
			switch here := strings.HasPrefix(path, "../people/"); {
			case !strings.Contains(strings.ReplaceAll(string(text), "[]"+item+"people.", ""), item):
			case here:
				found++
			default:
				t.Errorf("%s makes a %s…}; people makes it of a tenant.Participant", path, item)
			}
		}
		return err
	})
	if err != nil || found != 4 {
		t.Errorf("%d of 4 items found here, %v", found, err)
	}
}
