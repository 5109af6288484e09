package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// answering is a server that gives one answer to everything.
func answering(t *testing.T, text string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestServersThatCannotBeMeasured(t *testing.T) {
	for args, want := range map[string]string{
		"--server=":                                                   "--server=: must be a URL",
		"--server=http://h/presence":                                  "of a host and no path",
		"--server=http://127.0.0.1:1":                                 "connection refused (see --server)",
		"--server=" + answering(t, "<h1>It works</h1>"):               "is no presence server",
		"--server=" + answering(t, `{"accepted":0}`):                  "a WebSocket to http",
		"--pid=2147483647 --server=" + answering(t, `{"accepted":0}`): "--pid=2147483647: ",
		"--key-file=/nowhere/secret --server=http://h":                "--key-file=/nowhere/secret: ",
		"--ca-file=/nowhere/ca --server=https://h":                    "--ca-file: open /nowhere/ca",
		"--presence=true --no-pin":                                    "true serve) ended before it was ready",
		"--presence=/nowhere/presence --no-pin":                       "--presence: ",
	} {
		out := filepath.Join(t.TempDir(), "r.json")
		all := append([]string{"steady", "--participants=10", "--sockets=1", "--duration=1s", "--out=" + out},
			strings.Fields(args)...)
		if _, errs, code := call(t, all...); code != 1 || !strings.Contains(errs, want) ||
			strings.Contains(errs, "arrive") {
			t.Errorf("%s: status %d: %s; want 1, %q and nothing measured", args, code, errs, want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s has a result", args)
		}
	}
}
