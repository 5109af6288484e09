package main

import (
	"errors"
	"log/slog"
	"testing"
	"time"
)

// made is the cause of a line.
func made(level slog.Level, msg string, args ...any) string {
	r := slog.NewRecord(time.Now(), level, msg, 0)
	r.Add(args...)
	return cause{}.of(r)
}

func TestCause(t *testing.T) {
	warn := func(msg string, args ...any) string { return made(slog.LevelWarn, msg, args...) }
	same := func(what, a, b string) {
		t.Helper()
		if a != b || a == "" {
			t.Errorf("%s: %q and %q differ", what, a, b)
		}
	}
	differ := func(what, a, b string) {
		t.Helper()
		if a == b || a == "" || b == "" {
			t.Errorf("%s: %q and %q don't differ", what, a, b)
		}
	}
	no := errors.New("no")
	same("ports of who comes", warn("refused", "from", "10.0.0.1:1234", "error", no),
		warn("refused", "from", "10.0.0.1:4321", "error", no))
	differ("hosts of who comes", warn("refused", "from", "10.0.0.1:1234"), warn("refused", "from", "10.0.0.2:1234"))
	same("ports, IPv6", warn("refused", "from", "[2001:db8:1::5]:1"), warn("refused", "from", "[2001:db8:1::5]:65535"))
	differ("hosts, IPv6", warn("refused", "from", "[2001:db8:1::5]:1"), warn("refused", "from", "[2001:db8:2::5]:1"))
	differ("nodes", warn("m", "peer", "n1"), warn("m", "peer", "n2"))
	same("traces of requests", warn("m", "trace", "4bf9", "error", no), warn("m", "trace", "0af7", "error", no))
	differ("errors", warn("m", "error", no), warn("m", "error", errors.New("n1 says no")))
	differ("files", warn("a file is damaged", "file", "/a"), warn("a file is damaged", "file", "/b"))
	differ("messages", warn("a"), warn("b"))
	differ("levels", warn("a"), made(slog.LevelError, "a"))
	differ("groups", warn("a", slog.Group("g", "k", "v")), warn("a", slog.Group("h", "k", "v")))
	differ("in a group or after it", warn("a", slog.Group("g", "k", "v"), "x", "y"),
		warn("a", slog.Group("g", "k", "v", "x", "y")))
	same("numbers", warn("m", "partition", 1, "ahead", 1.5), warn("m", "partition", 2, "ahead", 2.5))
	same("times", warn("m", "at", time.Unix(1, 0), "after", time.Second),
		warn("m", "at", time.Unix(2, 0), "after", time.Minute))
	same("stacks", warn("panic", "stack", "goroutine 1"), warn("panic", "stack", "goroutine 2"))
	same("ports in texts",
		warn("m", "error", errors.New("read tcp 127.0.0.1:50001->10.0.0.2:7947: connection reset by peer")),
		warn("m", "error", errors.New("read tcp 127.0.0.1:50002->10.0.0.2:7947: connection reset by peer")))
	same("ports in messages",
		warn("http: TLS handshake error from 127.0.0.1:50001: EOF"),
		warn("http: TLS handshake error from 127.0.0.1:50002: EOF"))
	same("times in texts",
		warn("m", "error", errors.New("current time 2026-11-28T10:00:00Z is after 2026-11-01T00:00:00Z")),
		warn("m", "error", errors.New("current time 2026-11-28T10:00:01+01:00 is after 2026-11-01T00:00:00Z")))
	same("durations in texts", warn("m", "error", errors.New("after 1m3.5s")),
		warn("m", "error", errors.New("after 980ms")))
	differ("numbers in texts", warn("m", "error", errors.New("cluster 5")), warn("m", "error", errors.New("cluster 6")))
}

// TestNewsHasNoCause: what happens is told each time; only what goes wrong repeats itself.
func TestNewsHasNoCause(t *testing.T) {
	for _, tc := range []struct {
		what  string
		cause string
		has   bool
	}{
		{"members that come and go", made(slog.LevelInfo, "members changed", "members", 3), false},
		{"a hand-over that worked", made(slog.LevelInfo, "handed over", "to", "b", "error", error(nil)), false},
		{"a link that broke", made(slog.LevelInfo, "link lost", "peer", "b", "error", errors.New("EOF")), true},
		{"a reason", made(slog.LevelInfo, "not ready", "reason", "x"), true},
		{"who says so", made(slog.LevelInfo, "Suspect b has failed", "library", "memberlist"), true},
		{"a warning", made(slog.LevelWarn, "w"), true},
		{"for those who look for it", made(slog.LevelDebug, "d", "error", errors.New("x")), false},
		{"worse than an error", made(slog.LevelError+4, "panic"), false},
	} {
		if (tc.cause != "") != tc.has {
			t.Errorf("%s: cause %q", tc.what, tc.cause)
		}
	}
}
