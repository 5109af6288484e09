package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadable: values in JSON are what the text format writes.
func TestReadable(t *testing.T) {
	var b bytes.Buffer
	log, flush := newLogger(&b, &nodeSettings{LogFormat: "json"})
	log.Info("m", "after", 1500*time.Millisecond, "admin", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081},
		"address", netip.MustParseAddr("10.0.0.1"), "end", time.Unix(0, 0).UTC(), "error", errNo, "keys", 2, "seeds",
		[]string{"a", "b"})
	flush()
	want := `"msg":"m","after":"1.5s","admin":"127.0.0.1:8081","address":"10.0.0.1","end":"1970-01-01T00:00:00Z","error":"no","keys":2,"seeds":["a","b"]}`
	if !strings.HasSuffix(strings.TrimSpace(b.String()), want) {
		t.Errorf("%s, want %s", b.String(), want)
	}
}

// jsonLines are the lines of a log, of which each must be an object of a time, a level and a
// message.
func jsonLines(t *testing.T, log string) (lines []map[string]any) {
	t.Helper()
	scan := bufio.NewScanner(strings.NewReader(log))
	for scan.Scan() {
		var line map[string]any
		err := json.Unmarshal(scan.Bytes(), &line)
		if err != nil || line["time"] == nil || line["level"] == nil || line["msg"] == nil {
			t.Errorf("no line of a JSON log: %v: %s", err, scan.Text())
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// TestEveryLineIsJSON: a node in trouble of many kinds, by libraries too, to its end.
func TestEveryLineIsJSON(t *testing.T) {
	t.Parallel()
	c, out := command(t, "serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--peer-listen=127.0.0.1:0",
		"--gossip-listen=127.0.0.1:0",
		"--log-format=json", "--log-level=debug", "--join="+noPort, "--join-wait=100ms", "--data-dir="+t.TempDir(),
		"--auth=jwt", "--jwt-jwks-url=http://"+noPort+"/keys")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	out.await(t, "max_connections")
	for _, at := range regexp.MustCompile(`"(?:listen|admin)":"([^"]+)"`).FindAllStringSubmatch(out.String(), -1) {
		annoy(t, at[1])
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	found := map[string]bool{}
	for _, line := range jsonLines(t, out.String()) {
		msg, _ := line["msg"].(string)
		found[msg] = true
		if after, ok := line["after"]; ok {
			text, _ := after.(string)
			if _, err := time.ParseDuration(text); err != nil {
				t.Errorf("%q: after is %v, want a duration with its unit", msg, after)
			}
		}
	}
	for _, msg := range []string{
		"JWKS not fetched: no token can be checked until it is",
		"no seed answered; serving alone, still retrying", "left",
	} {
		if !found[msg] {
			t.Errorf("no line %q: %s", msg, out)
		}
	}
}

// annoy sends what no client of HTTP would, and waits until it was looked at.
func annoy(t *testing.T, at string) {
	t.Helper()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "NONSENSE\r\n\r\n")
	_, _ = io.Copy(io.Discard, c)
}

// TestComplaintsAreJSON: where the log is JSON, so is the line that says why there is none.
func TestComplaintsAreJSON(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "presence.yaml")
	if err := os.WriteFile(config, []byte("log-format: json\nlisten: nowhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args, env string
		machine   bool
	}{
		{"serve --log-format=json --grace=5", "", true},
		{"serve --no-such-flag --log-format json", "", true},
		{"serve --listen=:0", "json", true},
		{"serve --listen=:0 --log-format=text", "json", false},
		{"serve --listen=:0 --log-format text", "json", false},
		{"serve --config=" + config, "", true},
		{"serve --config=" + config, "text", false},
		{"serve --config=/no/such/file", "", false},
		{"serve --listen=:0", "", false},
		{"get", "json", false},
	} {
		term, out, errs := quiet()
		term.env = envOf(map[string]string{"PRESENCE_LOG_FORMAT": tc.env})
		status := run(t.Context(), strings.Fields(tc.args), term)
		said := errs.String()
		if status == exitOK || out.String() != "" {
			t.Errorf("%s: status %d, %s", tc.args, status, out)
		}
		if !tc.machine {
			if !strings.HasPrefix(said, "presence: ") {
				t.Errorf("%s (PRESENCE_LOG_FORMAT=%s): %s", tc.args, tc.env, said)
			}
			continue
		}
		lines := jsonLines(t, said)
		if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["error"] == nil {
			t.Errorf("%s (PRESENCE_LOG_FORMAT=%s): %s", tc.args, tc.env, said)
		}
	}
}
