package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

// TestStatusCommands: what is asked of the server, and what is said of it.
func TestStatusCommands(t *testing.T) {
	var asked string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = strings.TrimSpace(r.Method + " " + r.URL.EscapedPath() + " " + string(body))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer http.DefaultClient.CloseIdleConnections()
	defer s.Close()
	for _, tc := range []struct {
		args       []string
		asks, says string
		status     int
	}{
		{
			[]string{"status", "On a train", "--emoji", "🚆", "--for", "2h"},
			`PUT /v1/presence/me/status {"text":"On a train","emoji":"🚆","expires_in":7200}`,
			"status: 🚆 On a train (for 2h)\n", exitOK,
		},
		{[]string{"status", "x"}, `PUT /v1/presence/me/status {"text":"x"}`, "status: x\n", exitOK},
		{
			[]string{"status", "--emoji", "🚆", "--participant", "ada"},
			`PUT /v1/presence/ada/status {"emoji":"🚆"}`, "status: 🚆\n", exitOK,
		},
		{[]string{"status", "--clear"}, "DELETE /v1/presence/me/status", "status cleared\n", exitOK},
		{[]string{"status"}, "", "Give a text", exitFailure},
		{[]string{"status", "x", "--clear"}, "", "stands alone", exitFailure},
		{[]string{"status", "--clear", "--for", "2h"}, "", "stands alone", exitFailure},
		{[]string{"status", "x", "--for=-2h"}, "", "not in the future", exitFailure},
		{[]string{"status", "x", "--for=0s"}, "", "not in the future", exitFailure}, // and not for ever
		{[]string{"set", "busy", "--for=0s"}, "", "not in the future", exitFailure},
		{
			[]string{"status", "x", "--for=300ms"},
			`PUT /v1/presence/me/status {"text":"x","expires_in":1}`,
			"status: x (for 300ms)\n", exitOK,
		},
		{[]string{"status", "x", "--for=2"}, "", "a duration with its unit", exitUsage},
		{
			[]string{"set", "busy", "--for", "30m"},
			`PUT /v1/presence/me/override {"override":"busy","expires_in":1800}`, "override: busy (for 30m)\n", exitOK,
		},
		{[]string{"set", "busy"}, `PUT /v1/presence/me/override {"override":"busy"}`, "override: busy\n", exitOK},
		{[]string{"set", "auto"}, "DELETE /v1/presence/me/override", "override: auto\n", exitOK},
		{[]string{"set", "auto", "--for", "30m"}, "", "auto has no end", exitFailure},
		{[]string{"set", "busy", "--for=-1s"}, "", "not in the future", exitFailure},
		{[]string{"set", "busy", "--for=0"}, "", "not in the future", exitFailure},
		{[]string{"set", "auto", "--for=0"}, "", "auto has no end", exitFailure},
	} {
		asked = ""
		status, out, errs := client(t, s.URL, "ada", tc.args...)
		if status != tc.status || asked != tc.asks || !strings.Contains(out+errs, tc.says) ||
			status == exitOK && out != tc.says {
			t.Errorf("%q: status %d, %q, %q; it asked %s", tc.args, status, out, errs, asked)
		}
	}
}

// TestUntil: an end is told as a person at this machine reads it.
func TestUntil(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	now := time.Date(2026, 12, 31, 22, 30, 0, 0, berlin)
	for end, want := range map[time.Time]string{
		{}: "",
		time.Date(2026, 12, 31, 22, 0, 0, 0, time.UTC):  ", until 23:00",
		time.Date(2026, 12, 31, 22, 59, 0, 0, time.UTC): ", until 23:59",
		time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC):  ", until 1 Jan 2027 00:00",
		time.Date(2027, 12, 31, 14, 5, 0, 0, time.UTC):  ", until 31 Dec 2027 15:05",
	} {
		if got := until(end, now); got != want {
			t.Errorf("%v: %q, want %q", end, got, want)
		}
	}
	spring := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	if got := until(spring.Add(24*time.Hour), spring); got != ", until 29 Mar 12:00" {
		t.Errorf("tomorrow: %q", got)
	}
	for d, want := range map[time.Duration]string{
		2 * time.Hour: "2h", 30 * time.Minute: "30m", 90 * time.Minute: "1h30m", 90 * time.Second: "1m30s",
		10 * time.Second: "10s", 36 * time.Hour: "36h",
	} {
		if got := brief(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// TestBesides: what a participant is told of itself beside its state.
func TestBesides(t *testing.T) {
	now := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)
	for want, self := range map[string]presence.Self{
		"":                            {State: "busy", Override: "busy"},
		", until 13:00":               {OverrideUntil: now.Add(time.Hour)},
		", busy by calendar and call": {Busy: []string{"calendar", "call"}},
		"; you say: 🚆 x, until 13:00": {Status: &presence.Status{Text: "x", Emoji: "🚆", Until: now.Add(time.Hour)}},
	} {
		if got := besides(&self, now); got != want {
			t.Errorf("%+v: %q, want %q", self, got, want)
		}
	}
}
