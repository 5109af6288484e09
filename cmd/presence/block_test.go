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
		{"block ben --participant ada", "PUT /v1/participants/ada/blocks/ben", "blocked: ben\n"},
	} {
		status, out, errs := client(t, s.URL, "ada", strings.Fields(tc.args)...)
		if status != exitOK || out != tc.says || errs != "" || asked != tc.asks {
			t.Errorf("%s: status %d, %q, %q; it asked %s", tc.args, status, out, errs, asked)
		}
	}
}
