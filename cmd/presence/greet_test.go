package main

import (
	"log/slog"
	"net"
	"regexp"
	"strings"
	"testing"
)

// greeted is what a node with these flags says to people.
func greeted(t *testing.T, flags ...string) string {
	t.Helper()
	c, given, err := parseServe(nil, flags...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	term, _, errs := quiet()
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	greet(term, c, at, at, slog.New(slog.DiscardHandler))
	return errs.String()
}

// TestGreetingWithJWT: its lines can be pasted as they are once PRESENCE_TOKEN has a token. Nobody
// has the name alice where tokens are signed.
func TestGreetingWithJWT(t *testing.T) {
	secret := t.TempDir() + "/secret"
	write(t, secret, []byte(strings.Repeat("s", 32)))
	text := greeted(t, "--auth=jwt", "--jwt-key-file="+secret)
	for _, line := range []string{
		`-H "Authorization: Bearer $PRESENCE_TOKEN"`, " beat\n", " get me\n", "environment variable PRESENCE_TOKEN",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is missing: %s", line, text)
		}
	}
	if wrong := regexp.MustCompile(`alice|bob|'"|--token`).FindString(text); wrong != "" {
		t.Errorf("it says %s: %s", wrong, text)
	}
	if text := greeted(t); !strings.Contains(text, "watch alice --token bob\n") ||
		strings.Contains(text, "PRESENCE_TOKEN") {
		t.Errorf("without tokens: %s", text)
	}
}

// TestCommandName: what go run made up is no command to paste.
func TestCommandName(t *testing.T) {
	const run = "go run ./cmd/presence"
	for path, want := range map[string]string{
		"presence": "presence", "bin/presence": "bin/presence", "/opt/presence-d/presence": "/opt/presence-d/presence",
		"/root/.cache/go-build/ab/" + strings.Repeat("a0", 32) + "-d/presence": run,
		"/var/cache/ab/" + strings.Repeat("a0", 32) + "-d/presence":            run,
		"/tmp/go-build123/b001/exe/presence":                                   run,
	} {
		if got := commandName(path); got != want {
			t.Errorf("%s is called as %q, want %q", path, got, want)
		}
	}
}
