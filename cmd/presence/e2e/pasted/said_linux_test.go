package pasted

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const secret = "the secret of a test, longer than 32 bytes"

// TestGreeting pastes what a node prints for that at its start, each line into a terminal of its
// own.
func TestGreeting(t *testing.T) {
	needsRoot(t)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "ada", "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, before, serve string
		first               string            // of what is typed in each terminal
		prints              map[string]string // by how the line begins
	}{
		{"insecure", "", "presence serve\n", "", map[string]string{
			"curl -X PUT": "=== 2 0", "curl 'http": `{"alice":"online"}`, "curl -N": "event: presence",
			"presence watch": "online          alice", "presence beat": "you are ● online",
		}},
		{
			"jwt", "printf '" + secret + "' >secret\n", "presence serve --auth jwt --jwt-key-file secret\n",
			"export PRESENCE_TOKEN=" + token + "\n",
			map[string]string{
				"curl -X PUT": "=== 2 0", "curl http": `{"participant_id":"ada","state":"online"`,
				"presence beat": "you are ● online", "presence get": "ada  ● online",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := boot(t, true)
			server := m.open("server")
			server.write(tc.before + tc.serve)
			server.shows("msg=listening")
			lines := regexp.MustCompile(`(?m)^  ((?:curl|presence) .*)$`).FindAllStringSubmatch(server.text(), -1)
			if len(lines) != len(tc.prints) {
				t.Errorf("%d lines to paste, want %d:\n%s", len(lines), len(tc.prints), server.text())
			}
			for _, line := range lines {
				m.try(tc.first, line[1], tc.prints)
			}
		})
	}
}

// try pastes a line into a new terminal, and waits for what it prints.
func (m *machine) try(first, line string, prints map[string]string) {
	m.t.Helper()
	for begin, want := range prints {
		if strings.HasPrefix(line, begin) {
			x := m.open(begin)
			x.write(first + line + "\n")
			if strings.HasPrefix(want, "===") { // it prints nothing
				x.ask()
			}
			x.shows(want)
			return
		}
	}
	m.t.Errorf("a line that nobody expects: %s", line)
}

// TestCommandsOfThePage pastes what the page at / shows of one node: how to start two.
func TestCommandsOfThePage(t *testing.T) {
	needsRoot(t)
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "gateway/demo/page/index.html"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?s)<pre[^>]*>(.*?)</pre>`).FindAllStringSubmatch(string(page), -1)
	if len(found) != 2 {
		t.Fatalf("%d commands", len(found))
	}
	m := boot(t, true)
	for _, command := range found {
		x := m.open("node")
		x.write(command[1] + "\n")
		x.shows("msg=listening")
	}
	third := m.open("third")
	third.write("presence health --wait 30s --admin-listen 127.0.0.1:8181 && presence cluster --token service\n")
	third.shows("\nn1    all   serving  2102 ")
	third.shows("\nn2    all   serving  1994 ")
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a machine of one's own takes root")
	}
}
