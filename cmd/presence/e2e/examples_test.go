package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// examples builds the programs that people copy, and returns where they are.
var examples = sync.OnceValues(func() (string, error) {
	dir := filepath.Dir(binary)
	const all = "github.com/scaiwave/presence/examples/"
	out, err := exec.Command("go", "build", "-o", dir, all+"agent", all+"calendar").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return dir, nil
})

// example runs one of them as a backend of a server, until the function that it returns kills it.
func (s *server) example(t testing.TB, name string, args ...string) (kill func()) {
	t.Helper()
	dir, err := examples()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, name), args...)
	cmd.Env = append(cleanEnv(), "PRESENCE_TOKEN=service", "PRESENCE_SERVER="+s.url)
	var wrote output
	cmd.Stdout, cmd.Stderr = &wrote, &wrote
	endWithTest(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill = func() {
		once.Do(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	t.Cleanup(func() {
		kill()
		if t.Failed() {
			t.Logf("what %s wrote:\n%s", name, wrote.tail(4000))
		}
	})
	return kill
}

// TestAgentThatCrashes: an AI with the availability heartbeat is there while its model answers, and
// a deadline after that, or after its process, it is not.
func TestAgentThatCrashes(t *testing.T) {
	t.Parallel()
	s := start(t, "--heartbeat-interval=2s", "--grace=1s", "--tick=20ms")
	var ill atomic.Bool
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if ill.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer model.Close()
	w := s.as("bob").connect(t, "")
	w.watch(t, "summarizer")
	kill := s.example(t, "agent", "-probe="+model.URL, "-every=500ms")
	w.awaitState(t, "summarizer", "online")
	ill.Store(true)
	w.awaitState(t, "summarizer", "offline")
	ill.Store(false)
	w.awaitState(t, "summarizer", "online")
	kill()
	w.awaitState(t, "summarizer", "offline")
}

// TestCalendarJobThatDies: a meeting makes busy, one that is cancelled doesn't, and a job that is
// gone leaves nobody busy.
func TestCalendarJobThatDies(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	eve := s.as(who("eve"))
	eve.connect(t, "laptop")
	w := s.as(who("bob")).connect(t, "")
	w.watch(t, eve.token)

	feeds, calendar := filepath.Join(t.TempDir(), "feeds"), filepath.Join(t.TempDir(), "eve.ics")
	write(t, feeds, eve.token+" "+calendar+"\n")
	write(t, calendar, meeting("CONFIRMED"))
	kill := s.example(t, "calendar", "-feeds="+feeds, "-every=1s", "-hold=5s")
	w.awaitState(t, eve.token, "busy")
	write(t, calendar, meeting("CANCELLED"))
	w.awaitState(t, eve.token, "online")
	write(t, calendar, meeting("CONFIRMED"))
	w.awaitState(t, eve.token, "busy")
	kill()
	w.awaitState(t, eve.token, "online")
}

// meeting is a calendar with one that lasts from an hour ago for two.
func meeting(status string) string {
	const form = "20060102T150405Z"
	from := time.Now().UTC().Add(-time.Hour)
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSTATUS:" + status + "\r\nDTSTART:" +
		from.Format(form) + "\r\nDTEND:" + from.Add(2*time.Hour).Format(form) + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

// write replaces a file as a whole: whoever reads it meanwhile gets the old one or the new one.
func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}
