package demo

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestHandler(t *testing.T) {
	for _, tc := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/", http.StatusOK},
		{http.MethodHead, "/", http.StatusOK},
		{http.MethodGet, "/favicon.ico", http.StatusNotFound},
		{http.MethodGet, "/page.html", http.StatusNotFound},
		{http.MethodPost, "/", http.StatusMethodNotAllowed},
	} {
		if w := get(tc.method, tc.path); w.Code != tc.status {
			t.Errorf("%s %s: %d, want %d", tc.method, tc.path, w.Code, tc.status)
		}
	}
	w := get(http.MethodGet, "/")
	if got := w.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	if w.Body.String() != page {
		t.Error("what is served is not the page")
	}
}

// TestPolicy: the hashes are of what a browser will hash, and nothing else could run.
func TestPolicy(t *testing.T) {
	policy := get(http.MethodGet, "/").Header().Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "style-src '" + hash(between(page, "<style>", "</style>")) + "'",
		"script-src '" + hash(between(page, "<script>", "</script>")) + "'", "connect-src 'self'", "frame-ancestors 'none'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy allows what is unsafe: %s", policy)
	}
	if n := strings.Count(page, "<script") + strings.Count(page, "<style"); n != 2 {
		t.Errorf("%d blocks of style and script; the policy knows one of each", n)
	}
	// The value that a browser computes for `alert(1)`, from the specification's way of writing it.
	if got := hash("alert(1)"); got != "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=" {
		t.Errorf("hash of alert(1) is %s", got)
	}
}

// TestSelfContained: nothing on the page names another place, handles events inline or carries inline styles.
func TestSelfContained(t *testing.T) {
	for _, forbidden := range []string{`(?i)(src|href)\s*=`, `(?i)\son[a-z]+\s*=\s*"`, `style\s*=\s*"`, `https?://`, `@import`, `url\(`} {
		if found := regexp.MustCompile(forbidden).FindString(page); found != "" {
			t.Errorf("the page contains %q", found)
		}
	}
}
