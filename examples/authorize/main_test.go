package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway/authorize"
	"github.com/scaiwave/presence/gateway/tenant"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// start runs the backend as a person does, and returns its address.
func start(t *testing.T, friends string) (address, friendsFile string) {
	t.Helper()
	dir := t.TempDir()
	secretFile, friendsFile := filepath.Join(dir, "secret"), filepath.Join(dir, "friends")
	write(t, secretFile, secret+"\n")
	write(t, friendsFile, friends)
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-listen=127.0.0.1:0", "-secret-file", secretFile, "-friends", friendsFile}, out)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	line := make([]byte, 100)
	n, err := in.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	_, address, _ = strings.Cut(strings.TrimSpace(string(line[:n])), "at ")
	return address, friendsFile
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPresenceIsAnswered asks as a node does.
func TestPresenceIsAnswered(t *testing.T) {
	address, friendsFile := start(t, "\nben ada eve\ncy ada\n")
	secrets, err := authorize.ParseSecrets([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	c, err := authorize.New(authorize.Config{
		URL: address, Secrets: func() authorize.Secrets { return secrets }, MostKept: 10,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := func(viewer, id tenant.Participant, want authorize.Verdict) {
		t.Helper()
		answers := make([]authorize.Answer, 1)
		if c.Ask(t.Context(), viewer, tenant.ListOf(id), answers); answers[0].Verdict != want {
			t.Errorf("%s may see %s: verdict %d, want %d", viewer, id, answers[0].Verdict, want)
		}
	}
	want("ben", "ada", authorize.Allowed)
	want("ben", "cy", authorize.Denied)
	want("dan", "ada", authorize.Denied)
	write(t, friendsFile, "dan ada\n")
	c.Forget([]string{"ben", "dan"})
	want("ben", "ada", authorize.Denied)
	want("dan", "ada", authorize.Allowed)
	if err := os.Remove(friendsFile); err != nil {
		t.Fatal(err)
	}
	want("eve", "ada", authorize.NotKnown)
}

// TestOthersAreNotAnswered: who can't sign learns nothing.
func TestOthersAreNotAnswered(t *testing.T) {
	address, _ := start(t, "ben ada\n")
	body := `{"tenant":"","viewer":"ben","participants":["ada"]}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusUnauthorized || strings.Contains(string(text), "ada") {
		t.Errorf("%d %s", res.StatusCode, text)
	}
}
