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
		"default-src 'none'", "style-src '" + hash(between(page, styleTag, "</style>")) + "'",
		"script-src '" + hash(between(page, scriptTag, "</script>")) + "'", "connect-src 'self'",
		"frame-ancestors 'none'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy allows what is unsafe: %s", policy)
	}
	for tag, name := range map[string]string{styleTag: "<style", scriptTag: "<script"} {
		if strings.Count(page, name) != 1 || between(page, tag, "</") == "" {
			t.Errorf("the policy knows one %s…, with something in it", tag)
		}
	}
	// The value that a browser computes for `alert(1)`, from the specification's way of writing it.
	if got := hash("alert(1)"); got != "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=" {
		t.Errorf("hash of alert(1) is %s", got)
	}
}

// TestSelfContained: nothing on the page is fetched from elsewhere, handles events inline or
// carries inline styles.
func TestSelfContained(t *testing.T) {
	script := between(page, scriptTag, "</script>")
	markup := strings.Replace(page, script, "", 1)
	for _, forbidden := range []string{
		`(?i)\ssrc\s*=`, `(?i)\shref="[^#d]`, `(?i)\son[a-z]+\s*=\s*"`,
		`\sstyle\s*=\s*"`, `https?://[^w]`, `@import`, `url\(`,
	} {
		if found := regexp.MustCompile(forbidden).FindString(markup); found != "" {
			t.Errorf("the page contains %q", found)
		}
	}
	for _, forbidden := range []string{"import(", "eval(", "innerHTML", "sourceMappingURL"} {
		if strings.Contains(script, forbidden) {
			t.Errorf("the script contains %q", forbidden)
		}
	}
}
