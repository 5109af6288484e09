package docs_test

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The example of a stream that api.md shows: its second event comes when Grace does.
func TestStreamExampleWorks(t *testing.T) {
	page := pages(t)["docs/api.md"]
	example, shown := "", ""
	for _, b := range fence.FindAllStringSubmatch(page, -1) {
		switch {
		case strings.Contains(b[2], "curl -N"):
			example = b[2]
		case example != "" && shown == "":
			shown = b[2]
		}
	}
	server := serve(t).public
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", "exec "+example)
	cmd.Env = append(cmd.Environ(), "P="+server)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	events := bufio.NewScanner(out)
	first, second, _ := strings.Cut(shown, "\n\n")
	if diff := cmp.Diff(lines(first), nextEvent(t, events)); diff != "" {
		t.Errorf("snapshot (-page +server):\n%s", diff)
	}
	beat(t, server, "grace")
	if diff := cmp.Diff(lines(second), nextEvent(t, events)); diff != "" {
		t.Errorf("change (-page +server):\n%s", diff)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// lines are those of a block of the page.
func lines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }

// nextEvent is the lines of an event, without comments.
func nextEvent(t *testing.T, events *bufio.Scanner) (event []string) {
	t.Helper()
	for events.Scan() {
		switch line := events.Text(); {
		case strings.HasPrefix(line, ":"):
		case line != "":
			event = append(event, line)
		case event != nil:
			return event
		}
	}
	t.Fatalf("the stream ended within %q: %v", event, events.Err())
	return nil
}

// beat makes a participant online.
func beat(t *testing.T, server, participant string) {
	t.Helper()
	r, err := http.NewRequest("PUT", server+"/v1/presence/me/devices/phone", strings.NewReader(`{"activity":"online"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+participant)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusNoContent {
		t.Fatalf("a heartbeat of %s: %s, %v", participant, response.Status, err)
	}
}

// A refusal has the headers that api.md shows.
func TestHeadersExampleWorks(t *testing.T) {
	example, shown := "", ""
	for _, b := range fence.FindAllStringSubmatch(pages(t)["docs/api.md"], -1) {
		switch {
		case strings.Contains(b[2], "curl -i"):
			example = b[2]
		case example != "" && shown == "":
			shown = b[2]
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", example)
	cmd.Env = append(cmd.Environ(), "P="+serve(t).public)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines(shown) {
		if !strings.Contains(string(out), line+"\r\n") {
			t.Errorf("no line %q in\n%s", line, out)
		}
	}
}
