package auth

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestJWKSURL(t *testing.T) {
	for address, accepted := range map[string]bool{
		"https://id.example.org/.well-known/jwks.json": true,
		"HTTPS://id.example.org":                       true,
		"https://127.0.0.1:8443/jwks":                  true,
		"http://127.0.0.1:8080/jwks":                   true,
		"http://127.9.9.9/jwks":                        true,
		"http://[::1]:8080/jwks":                       true,
		"http://[::ffff:127.0.0.1]/jwks":               true,
		"http://localhost/jwks":                        true,
		"http://id.example.org/jwks":                   false,
		"http://127.0.0.1.example.org/jwks":            false,
		"http://localhost.example.org/jwks":            false,
		"http://127.0.0.1@id.example.org/jwks":         false,
		"http://10.0.0.1/jwks":                         false,
		"http://0.0.0.0/jwks":                          false,
		"http://2130706433/jwks":                       false,
		"file:///etc/jwks.json":                        false,
		"ftp://127.0.0.1/jwks":                         false,
		"//id.example.org/jwks":                        false,
		"id.example.org/jwks":                          false,
		"https:///jwks":                                false,
		"https:id.example.org":                         false,
		"":                                             false,
		"https://user:hunter2@id.example.org:x/":       false,
		"http://user:hunter2@id.example.org/":          false,
	} {
		_, err := newJWKS(address, slog.Default())
		if (err == nil) != accepted {
			t.Errorf("%q: %v; accepted should be %v", address, err, accepted)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v: tells the password", err)
		}
	}
}

// patientClient has time on a busy machine, too.
func patientClient() *http.Client {
	c := newClient()
	c.Timeout = 2 * time.Minute
	return c
}

// served runs a real server and gives what a fetch from it ends with.
func served(t *testing.T, handle http.HandlerFunc) (string, error) {
	t.Helper()
	s := httptest.NewServer(handle)
	defer s.Close()
	text, err := fetch(t.Context(), patientClient(), must(parseJWKSURL(s.URL+"/jwks")))
	return string(text), err
}

func TestFetch(t *testing.T) {
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		why    string
	}{
		"fine":         {func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, document()) }, ""},
		"missing":      {http.NotFound, "404"},
		"not modified": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }, "204"},
		"largest": {func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, document()+strings.Repeat(" ", maxJWKSBytes-len(document())))
		}, ""},
		"larger": {func(w http.ResponseWriter,
			r *http.Request,
		) {
			io.WriteString(w, strings.Repeat(" ", maxJWKSBytes+1))
		}, "larger than"},
		"a bomb": {bomb, "larger than"},
		"long headers": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 2*maxHeaderBytes))
		}, "header"},
		"cut off": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "x")
		}, "EOF"},
		"a loop": {func(w http.ResponseWriter,
			r *http.Request,
		) {
			http.Redirect(w, r, "/jwks", http.StatusFound)
		}, "more than 3 redirects"},
		"redirect out": {redirectTo("http://id.example.org/jwks"), "not https"},
		"metadata":     {redirectTo("http://169.254.169.254/"), "not https"},
		"to a file":    {redirectTo("file:///etc/passwd"), "not https"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := served(t, c.handle)
			if c.why == "" && (err != nil || strings.TrimRight(text, " ") != document()) {
				t.Fatalf("fetch = %.40q, %v", text, err)
			}
			if c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why) || text != "") {
				t.Fatalf("fetch = %.40q, %v; want an error with %q", text, err, c.why)
			}
		})
	}
}

func redirectTo(address string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
}

func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	defer z.Close()
	for range 100 {
		io.WriteString(z, strings.Repeat(" ", maxJWKSBytes))
	}
}

func TestRedirectOnLoopback(t *testing.T) {
	text, err := served(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks" {
			http.Redirect(w, r, "/keys", http.StatusMovedPermanently)
			return
		}
		io.WriteString(w, document())
	})
	if err != nil || text != document() {
		t.Errorf("fetch = %q, %v", text, err)
	}
}

// An https server may not send us to plain http, not even on this host.
func TestRedirectFromHTTPS(t *testing.T) {
	var reached atomic.Bool
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer plain.Close()
	secure := httptest.NewTLSServer(redirectTo(plain.URL))
	defer secure.Close()
	client := patientClient()
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	_, err := fetch(t.Context(), client, must(parseJWKSURL(secure.URL)))
	if err == nil || !strings.Contains(err.Error(), "not https") || reached.Load() {
		t.Errorf("fetch: %v, and the plain server was reached: %v", err, reached.Load())
	}
}

func TestUntrustedCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	defer s.Close()
	if _, err := fetch(t.Context(), patientClient(), must(url.Parse(s.URL))); err == nil ||
		!strings.Contains(err.Error(), "certificate") {
		t.Errorf("fetch: %v; want the certificate refused", err)
	}
}

// The whole way, over real loopback.
func TestNewJWTFromURL(t *testing.T) {
	var fetches atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fetches.Add(1)
		io.WriteString(w, document(jwk(testEC, named("k"))))
	}))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a, err := NewJWT(ctx, JWTConfig{JWKSURL: s.URL, Now: atEpoch, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	wantAlice(t, a, good(t, "ES256", testEC, "k"))
	for n := range 10_000 {
		if _, err := a.Authenticate(ctx,
			part(`{"alg":"ES256","kid":"`+strings.Repeat("x", n%200)+`y"}`)+".e30.AAAA"); err == nil {
			t.Fatal("an invented kid was accepted")
		}
	}
	if n := fetches.Load(); n > 2 {
		t.Errorf("%d fetches in a flood of unknown kids; want the first, and one more at most", n)
	}
}
