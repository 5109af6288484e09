package main

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// behindTLS is a server with a certificate of an authority of its own, and the file of that.
func behindTLS(t *testing.T, node string) (address, ca string) {
	t.Helper()
	to, err := url.Parse(node)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(to))
	t.Cleanup(func() { s.Close(); http.DefaultClient.CloseIdleConnections() })
	ca = filepath.Join(t.TempDir(), "ca.crt")
	write(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	return s.URL, ca
}

// TestCAFile: commands trust an authority of one's own when they are given it, by HTTP and by
// WebSocket, and say so when they are not.
func TestCAFile(t *testing.T) {
	server, ca := behindTLS(t, startNode(t))
	junk := filepath.Join(t.TempDir(), "junk")
	write(t, junk, []byte("no certificate"))
	for _, tc := range []struct {
		args   string
		status int
		says   string // a regular expression
	}{
		{"get alice --ca-file=" + ca, exitOK, `^alice  offline`},
		{"set busy --ca-file=" + ca, exitOK, `^override: busy`},
		{"watch alice", exitFailure, `unknown authority; .*--ca-file`},
		{"get alice", exitFailure, `unknown authority; .*--ca-file`},
		{"get alice --ca-file=" + junk, exitFailure, `--ca-file=.*junk: no certificate in PEM; it must hold`},
		{"beat --ca-file=/no/such", exitFailure, `--ca-file: open /no/such`},
		{"beat --device=d --ca-file=" + ca + " --token=a,b", exitFailure, `unauthorized`}, // it got as far as its hello
	} {
		status, out, errs := client(t, server, "bob", strings.Fields(tc.args)...)
		if status != tc.status || !regexp.MustCompile(tc.says).MatchString(strings.TrimPrefix(out+errs, "presence: ")) {
			t.Errorf("%s: status %d, %q %q; want %d, %s", tc.args, status, out, errs, tc.status, tc.says)
		}
	}
}
