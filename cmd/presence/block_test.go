package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestBlock(t *testing.T) {
	var asked string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.EscapedPath()
		w.WriteHeader(http.StatusNoContent)
	}))
	defer http.DefaultClient.CloseIdleConnections()
	defer s.Close()
	for _, tc := range []struct{ args, asks, says string }{
		{"block ben", "PUT /v1/participants/me/blocks/ben", "blocked: ben\n"},
		{"unblock a/b", "DELETE /v1/participants/me/blocks/a%2Fb", "unblocked: a/b\n"},
		{"block ..", "PUT /v1/participants/me/blocks/%2E%2E", "blocked: ..\n"},
		{"unblock . --participant ..", "DELETE /v1/participants/%2E%2E/blocks/%2E", "unblocked: .\n"},
		{"block ben --participant ada", "PUT /v1/participants/ada/blocks/ben", "blocked: ben\n"},
	} {
		status, out, errs := client(t, s.URL, "ada", strings.Fields(tc.args)...)
		if status != exitOK || out != tc.says || errs != "" || asked != tc.asks {
			t.Errorf("%s: status %d, %q, %q; it asked %s", tc.args, status, out, errs, asked)
		}
	}
}

// TestCommandsOnDots: a participant may be called by the names of steps through a path.
func TestCommandsOnDots(t *testing.T) {
	url := startNode(t)
	for _, id := range []string{".", ".."} {
		for _, tc := range []struct{ token, args, says string }{
			{id, "block eve", "blocked: eve"},
			{"service", "block --participant me " + id, "blocked: " + id},
			{"service", "set busy --participant " + id, "override: busy"},
			{"service", "get " + id, id + "  "},
			{"service", "why --viewer eve " + id, "blocked eve "},
			{"service", "export " + id, `"blocks":[{"viewer":"eve"`},
			{"service", "unblock --participant " + id + " eve", "unblocked: eve"},
			{"service", "forget " + id, "forgotten: " + id},
		} {
			status, out, errs := client(t, url, tc.token, strings.Fields(tc.args)...)
			if status != exitOK || !strings.Contains(out, tc.says) || errs != "" {
				t.Errorf("%s: status %d, %q, %q; want %q", tc.args, status, out, errs, tc.says)
			}
		}
	}
}
