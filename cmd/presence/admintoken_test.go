package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const oneToken, otherToken = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"

// TestAdminTokenFollowsItsFile: a renewed one counts, and what can't be used leaves the last good
// one.
func TestAdminTokenFollowsItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, []byte(oneToken+"\n"))
	logs := &output{}
	k := newKeyWatch(slog.New(slog.NewTextHandler(logs, nil)))
	var err error
	if k.admin, err = loadAdminToken(file, k.options(&k.adminFailures)); err != nil {
		t.Fatal(err)
	}
	want := func(right, wrong string) {
		t.Helper()
		k.look(time.Now().Unix())
		if !k.admin.is(right) || k.admin.is(wrong) || k.admin.is("") || k.admin.is(right[:31]) ||
			k.admin.is(right+"0") {
			t.Errorf("%q is taken: %v, %q: %v", right, k.admin.is(right), wrong, k.admin.is(wrong))
		}
	}
	want(oneToken, otherToken)
	write(t, file, []byte(otherToken))
	want(otherToken, oneToken)
	write(t, file, nil)
	want(otherToken, oneToken)
	if got := k.adminFailures.Load(); got != 1 || !strings.Contains(logs.String(), "admin token reloaded") {
		t.Errorf("%d failures, logged %s", got, logs)
	}
}

func TestAdminTokensThatCannotBe(t *testing.T) {
	for what, content := range map[string]string{
		"nothing": "", "too short": oneToken[1:], "too long": strings.Repeat("x", 1025),
		"two lines": oneToken + "\n" + oneToken,
		"a space":   oneToken + " x", "a comma": oneToken + ",x", "other letters": oneToken + "é",
		"a tab at the end": oneToken + "\t",
	} {
		file := filepath.Join(t.TempDir(), "token")
		write(t, file, []byte(content))
		_, err := loadAdminToken(file, newKeyWatch(slog.New(slog.DiscardHandler)).options(nil))
		if err == nil || !strings.Contains(err.Error(),
			"--admin-token-file: "+file+": must hold one line of 32 to 1024 characters") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := loadAdminToken("/nowhere", newKeyWatch(slog.New(slog.DiscardHandler)).options(nil)); err == nil {
		t.Error("a file that isn't there")
	}
}
