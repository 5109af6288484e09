package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDeletedDirectory: an override is not acknowledged when a restart would not find it, and all
// is there again once the directory is made again.
func TestDeletedDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	flags := append(listeners(), "--node-id=n1", "--data-dir="+dir)
	s := relaunch(t, flags)
	ann, ben := s.as("ann"), s.as("ben")
	ann.override(t, "busy")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	r := ben.do(t, "PUT", "/v1/presence/me/override", obj{"override": "busy"})
	if r.status != http.StatusServiceUnavailable ||
		!strings.Contains(r.body, "the data directory of n1 was deleted or replaced") {
		t.Errorf("%d %s", r.status, r.body)
	}
	wantReadyz(t, s, http.StatusOK, "ready; the data directory of n1 was deleted or replaced: overrides")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	wantReadyz(t, s, http.StatusOK, "ready\n")
	ben.override(t, "busy")
	_ = s.cmd.Process.Kill()
	<-s.exited
	s.http.CloseIdleConnections()
	s = relaunch(t, flags)
	for _, id := range []string{"ann", "ben"} {
		if r := s.as(id).do(t, "GET", "/v1/presence/me", nil); !strings.Contains(r.body, `"override":"busy"`) {
			t.Errorf("%s after a restart: %s", id, r.body)
		}
	}
}

func relaunch(t *testing.T, flags []string) *server {
	t.Helper()
	s, err := spawn(nil, flags...)
	if err == nil {
		err = s.awaitReady()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.stop() })
	return s
}

// TestStrangersInTheDirectory: a file that isn't the node's is named, and left as it is.
func TestStrangersInTheDirectory(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "notes.log")
	if err := os.WriteFile(name, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := wantRefused(t, "--data-dir="+filepath.Dir(name)); !strings.Contains(out, name) ||
		!strings.Contains(out, "move it out") {
		t.Error(out)
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "mine" {
		t.Errorf("it has %q, %v", b, err)
	}
}
