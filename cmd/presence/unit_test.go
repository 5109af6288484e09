package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestUnit has systemd look at the unit and its drop-in: that it knows every line, and how much the
// service can reach. Settings that the unit gives must be some that presence has.
func TestUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed; Debian's package systemd has it")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "presence.service.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"presence.service", "presence.service.d/keys.conf"} {
		b, err := os.ReadFile(filepath.Join("../../deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		// one that is there
		text := strings.Replace(string(b), "ExecStart=/usr/local/bin/presence", "ExecStart=/bin/true", 1)
		write(t, filepath.Join(dir, name), []byte(text))
	}
	unit := filepath.Join(dir, "presence.service")
	for _, args := range [][]string{
		{"verify", "--man=no", unit},
		{"security", "--offline=true", "--no-pager", "--threshold=16", unit}, // 1.6 of 10
	} {
		cmd := exec.CommandContext(t.Context(), "systemd-analyze", args...)
		cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":", "SYSTEMD_LOG_LEVEL=warning")
		out, err := cmd.CombinedOutput()
		if err != nil || args[0] == "verify" && strings.Contains(string(out), "presence.service") {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}

// TestUnitSettings: what the drop-in sets in the environment are flags.
func TestUnitSettings(t *testing.T) {
	b, err := os.ReadFile("../../deploy/presence.service.d/keys.conf")
	if err != nil {
		t.Fatal(err)
	}
	help, err := os.ReadFile("testdata/help-serve.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`PRESENCE_([A-Z_]+)=%d/`).FindAllStringSubmatch(string(b), -1)
	for _, setting := range found {
		if flag := "--" + strings.ReplaceAll(strings.ToLower(setting[1]), "_", "-") +
			"="; !strings.Contains(string(help), flag) {
			t.Errorf("%s: there is no %s", setting[0], flag)
		}
	}
	if len(found) < 4 {
		t.Errorf("%d settings", len(found))
	}
}
