package main

import (
	"log/slog"
	"strings"
	"testing"
)

func TestAuthorizeSettings(t *testing.T) {
	for _, tc := range []struct {
		flags []string
		want  string // part of the error; empty: none
	}{
		{nil, ""},
		{[]string{"--authorize-url=https://x", "--authorize-secret-file=f"}, ""},
		{[]string{"--authorize-url=http://127.0.0.1:9/x", "--authorize-secret-file=f"}, ""},
		{[]string{"--authorize-url=http://backend.example", "--authorize-secret-file=f"}, "must be https://"},
		{[]string{"--authorize-url=https://x"}, "add --authorize-secret-file"},
		{[]string{"--authorize-secret-file=f"}, "give that too"},
	} {
		c, given, err := parseServe(nil, tc.flags...)
		if err != nil {
			t.Fatal(err)
		}
		err = c.check(t.Context(), given)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%q: %v, want %q", tc.flags, err, tc.want)
		}
	}
}

// TestAuthorizeSecretsAreRead: and read again, as certificates are.
func TestAuthorizeSecretsAreRead(t *testing.T) {
	const first, second = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
	file := t.TempDir() + "/secrets"
	write(t, file, []byte("nothing\n"))
	c, _, err := parseServe(nil, "--authorize-url=https://x", "--authorize-secret-file="+file)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	c.keys = newKeyWatch(slog.New(slog.NewTextHandler(&log, nil)))
	if _, err := c.authorizer(c.keys.log); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a bad file: %v", err)
	}
	write(t, file, []byte(first))
	client, err := c.authorizer(c.keys.log)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	write(t, file, []byte(first+second))
	c.keys.look(0)
	write(t, file, []byte("nothing\n"))
	c.keys.look(0)
	if !strings.Contains(log.String(), "authorize secrets reloaded") || !strings.Contains(log.String(), "reload failed") ||
		c.keys.secretFailures.Load() != 1 {
		t.Errorf("%s%d failures", &log, c.keys.secretFailures.Load())
	}
}
