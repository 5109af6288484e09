package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

func viewerKeyOf(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c, _, err := parseServe(nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	key, err := c.viewerKey()
	return hex.EncodeToString(key[:]), err
}

// TestViewerKey: edges on disks are found by it, so how it is made never changes.
func TestViewerKey(t *testing.T) {
	const secret = "0123456789abcdef"
	sum := sha256.Sum256([]byte(secret))
	ofFile := hex.EncodeToString(sum[:16])
	for content, want := range map[string]string{
		secret:                ofFile,
		" " + secret + "\r\n": ofFile,
	} {
		path := writeFile(t, content)
		if got, err := viewerKeyOf(t, "--viewer-key-file="+path); err != nil || got != want {
			t.Errorf("of %q: %s, %v", content, got, err)
		}
	}
}

func TestViewerKeyRefused(t *testing.T) {
	path := writeFile(t, "  short key\n")
	for file, want := range map[string]string{
		path: "has 9 bytes and must have 16 or more", path + ".none": "no such file",
	} {
		if _, err := viewerKeyOf(t, "--viewer-key-file="+file); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "--viewer-key-file") || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
