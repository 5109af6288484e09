package keep

import (
	"strings"
	"testing"
	"time"
)

// TestAnotherViewerKeyIsRefused: by it no edge in the directory would be found again.
func TestAnotherViewerKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the first one notes it
		s, _ := opened(t, dir, time.Now)
		closed(t, s)
	}
	_, _, err := openedWith(dir, "99999999", time.Now)
	if err == nil {
		t.Fatal("it was opened")
	}
	for _, part := range []string{dir, "file viewers", "1a2b3c4d", "99999999", "--viewer-key-file"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q isn't in %v", part, err)
		}
	}
	s, _ := opened(t, dir, time.Now) // the one before goes on being good
	closed(t, s)
}
