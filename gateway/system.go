package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/scaiwave/presence/gateway/wire"
)

// getContract is GET /v1/openapi.yaml. It is large for a request of sixty bytes, so a client that
// has it is told only that it is the same.
func getContract(c *call) error {
	tag, text := c.s.contractTag, c.s.config.OpenAPI
	same := sameTag(c.r.Header.Get("If-None-Match"), tag)
	if same {
		text = nil
	}
	if err := c.payOpen(len(text)); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Etag", tag)
	h["Cache-Control"] = revalidate
	if same {
		c.status = http.StatusNotModified
		c.w.WriteHeader(c.status)
		return nil
	}
	c.send(http.StatusOK, "application/yaml", text)
	return nil
}

// revalidate lets a client keep an answer, and has it ask each time whether it is still the same.
var revalidate = []string{"no-cache"}

// tagOf is the entity tag of a text that doesn't change while the process lives.
func tagOf(text []byte) string {
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// sameTag reports whether If-None-Match has tag, or any; weak ones compare as strong here (RFC
// 9110, 13.1.2).
func sameTag(header, tag string) bool {
	for _, t := range strings.Split(header, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// demoBytes is about what the page takes, which has everything in it.
const demoBytes = 60 << 10

// getDemo is GET /, the page to try presence with.
func getDemo(c *call) error {
	if err := c.payOpen(demoBytes); err != nil {
		return err
	}
	if !strings.HasSuffix(c.r.URL.Path, "/") { // the page finds the API beside itself
		c.status = http.StatusPermanentRedirect
		http.Redirect(c.w, c.r, c.s.config.PathPrefix+"/", c.status)
		return nil
	}
	c.status = http.StatusOK
	http.StripPrefix(c.s.config.PathPrefix, c.s.config.Demo).ServeHTTP(c.w, c.r)
	return nil
}

// getFeatures is GET /v1/features.
func getFeatures(c *call) error {
	c.out = append(wire.AppendStrings(append(c.out[:0], `{"features":`...), c.s.node.Features()), '}')
	return c.json(c.out)
}
