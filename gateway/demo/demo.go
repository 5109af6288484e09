package demo

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
)

//go:embed dist/index.html
var page string

// Handler serves the page at / and nothing else. It takes GET and HEAD.
func Handler() http.Handler {
	policy := contentPolicy(page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		if r.URL.Path != "/" {
			http.Error(w, "there is only one page here, at /", http.StatusNotFound)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "this page can only be read", http.StatusMethodNotAllowed)
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		_, _ = io.WriteString(w, page)
	})
}

const (
	styleTag  = "<style>"
	scriptTag = `<script type="module">`
)

// contentPolicy lets exactly this page's style and script run, and lets it talk to its own server.
// The only picture is the icon, which the page brings along.
func contentPolicy(page string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"style-src '" + hash(between(page, styleTag, "</style>")) + "'",
		"script-src '" + hash(between(page, scriptTag, "</script>")) + "'",
		"img-src data:", "connect-src 'self'",
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; ")
}

func between(text, open, end string) string {
	_, text, _ = strings.Cut(text, open)
	text, _, _ = strings.Cut(text, end)
	return text
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
