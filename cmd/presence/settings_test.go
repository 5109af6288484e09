package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "presence.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPrecedence: for every kind of value, the flag beats the environment, that beats the file,
// that beats the default.
func TestPrecedence(t *testing.T) {
	file := writeFile(t, "grace: 7s\nlisten: 127.0.0.1:1007\nai-prefix: [file., file2.]\ndemo: "+
		"false\nmissed-heartbeats: 7\n"+
		"connection-rate: 7.5\nlog-level: error\nallow-insecure: true\n")
	env := map[string]string{
		"PRESENCE_CONFIG": file, "PRESENCE_GRACE": "6s", "PRESENCE_LISTEN": "127.0.0.1:1006",
		"PRESENCE_AI_PREFIX": "env.,env2.",
		"PRESENCE_DEMO":      "true", "PRESENCE_MISSED_HEARTBEATS": "6", "PRESENCE_CONNECTION_RATE": "6.5",
		"PRESENCE_LOG_LEVEL":      "debug",
		"PRESENCE_ALLOW_INSECURE": "false",
	}
	flags := []string{
		"--grace=5s", "--listen=127.0.0.1:1005", "--ai-prefix=flag.", "--ai-prefix=flag2.", "--no-demo",
		"--missed-heartbeats=5",
		"--connection-rate=5.5", "--log-level=warn", "--allow-insecure",
	}
	type values struct {
		Grace         time.Duration
		Listen        address
		AIPrefix      []string
		Demo          bool
		Missed        int
		Rate          float64
		LogLevel      string
		AllowInsecure bool
	}
	for _, tc := range []struct {
		name  string
		env   map[string]string
		flags []string
		want  values
	}{
		{"default", nil, nil, values{
			5 * time.Second, "127.0.0.1:8080",
			[]string{"model:", "helper:"},
			true, 2, 20,
			"info", false,
		}},
		{
			"file", nil,
			[]string{"--config", file},
			values{7 * time.Second, "127.0.0.1:1007", []string{"file.", "file2."}, false, 7, 7.5, "error", true},
		},
		{"environment", env, nil, values{
			6 * time.Second, "127.0.0.1:1006",
			[]string{"env.", "env2."},
			true, 6, 6.5,
			"debug", false,
		}},
		{"flag", env, flags, values{
			5 * time.Second, "127.0.0.1:1005",
			[]string{"flag.", "flag2."},
			false, 5, 5.5,
			"warn", true,
		}},
		{
			"empty variable",
			map[string]string{"PRESENCE_GRACE": "", "PRESENCE_CONFIG": file},
			nil,
			values{7 * time.Second, "127.0.0.1:1007", []string{"file.", "file2."}, false, 7, 7.5, "error", true},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, given, err := parseServe(tc.env, tc.flags...)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.check(t.Context(), given); err != nil {
				t.Fatal(err)
			}
			got := values{
				c.Grace, c.Listen, c.AIPrefix, *c.Demo, c.MissedHeartbeats, c.ConnectionRate, c.LogLevel,
				c.AllowInsecure,
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// oneOfEach is a value for each setting of serve.
var oneOfEach = map[string]string{
	"listen": "127.0.0.1:1", "admin-listen": "127.0.0.1:2", "tls-cert": "a", "tls-key": "b", "admin-pprof": "true",
	"demo": "false",
	"auth": "jwt", "jwt-key-file": "k", "jwt-jwks-url": "https://x", "jwt-issuer": "i", "jwt-audience": "a",
	"jwt-audience-claim": "azp", "jwt-no-audience": "true",
	"jwt-subject-claim": "oid", "jwt-scope-claim": "scp", "jwt-service-scope": "s", "jwt-admin-scope": "a",
	"jwt-tenants-scope": "t", "jwt-tenant-claim": "org_id", "metrics-tenants": "acme",
	"jwt-leeway": "9s", "jwt-max-size": "16KiB",
	"allow-insecure": "true", "authorize-url": "https://x", "authorize-secret-file": "f",
	"allowed-origins": "https://x", "heartbeat-interval": "1s", "missed-heartbeats": "3", "grace": "1s",
	"record-ttl": "1m",
	"linger":     "1s", "dm-window": "1h", "tick": "50ms", "unattended-after": "5m", "max-connections": "9",
	"max-devices": "9", "max-windows": "9", "max-exceptions": "9", "visibility-default": "allowed",
	"max-sockets": "9", "stranger-limit": "9", "service-sockets": "9", "connection-rate": "1", "participant-rate": "1",
	"participant-ids-rate": "1", "request-memory": "64MiB", "node-id": "n", "ai-prefix": "x", "log-level": "warn",
	"log-format": "json", "join": "h:1", "join-wait": "1s", "expect-nodes": "3", "peer-listen": "127.0.0.1:3",
	"gossip-listen":     "127.0.0.1:4",
	"advertise-address": "h", "role": "all", "data-dir": "d", "cluster-name": "c", "gossip-key-file": "f",
	"viewer-key-file": "v",
	"peer-tls-cert":   "c",
	"peer-tls-key":    "k", "peer-tls-ca": "a", "allow-insecure-peers": "true",
	"max-open-connections": "9", "max-address-connections": "9", "max-greetings": "9", "max-address-greetings": "9",
	"anonymous-rate": "9", "min-transfer-rate": "9", "header-memory": "1048576", "trusted-proxies": "10.0.0.0/8",
	"proxy-protocol": "true", "path-prefix": "/p", "drain-delay": "9s", "admin-token-file": "f",
}

// TestEverySettingHasThreeWays: what the command line takes, the environment and a file take too.
func TestEverySettingHasThreeWays(t *testing.T) {
	for _, f := range flagsOfServe(t) {
		if oneOfEach[f.Name] == "" && f.Name != "config" && f.Name != "help" {
			t.Errorf("%s isn't tried", f.Name)
		}
	}
	for name, value := range oneOfEach {
		variable := "PRESENCE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		ways := map[string]func() (*serveCommand, []string, error){
			"flag": func() (*serveCommand, []string, error) { return parseServe(nil, "--"+name+"="+value) },
			"environment": func() (*serveCommand, []string,
				error,
			) {
				return parseServe(map[string]string{variable: value})
			},
			"file": func() (*serveCommand, []string, error) {
				return parseServe(nil, "--config", writeFile(t, name+": "+value+"\n"))
			},
		}
		want, _, err := ways["flag"]()
		if err != nil {
			t.Errorf("%s as a flag: %v", name, err)
			continue
		}
		for way, get := range ways {
			got, given, err := get()
			if err != nil {
				t.Errorf("%s by %s: %v", name, way, err)
				continue
			}
			want.Config, got.Config = "", ""
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(serveCommand{}, memoryLimit{})); diff != "" ||
				!slices.Contains(given, name) {
				t.Errorf("%s by %s (given %q):\n%s", name, way, given, diff)
			}
		}
	}
}

func flagsOfServe(t *testing.T) []*kong.Flag {
	t.Helper()
	streams, _, _ := quiet()
	k, err := parse([]string{"serve"}, streams, &settings{env: envOf(nil)})
	if err != nil {
		t.Fatal(err)
	}
	return k.Selected().Flags
}

func TestWrongSettings(t *testing.T) {
	for name, tc := range map[string]struct {
		env  map[string]string
		args []string
		says []string
	}{
		"unknown flag": {
			nil,
			[]string{"--heartbeat-intervall=3s"},
			[]string{"--heartbeat-intervall", `did you mean "--heartbeat-interval"`},
		},
		"duration": {nil, []string{"--grace=30"}, []string{"--grace", "duration"}},
		"number":   {nil, []string{"--missed-heartbeats=two"}, []string{"--missed-heartbeats"}},
		"enum":     {nil, []string{"--auth=magic"}, []string{"--auth", "insecure", "jwt", "magic"}},
		"address":  {nil, []string{"--listen=8080"}, []string{"--listen", "127.0.0.1:8080"}},
		"network": {
			nil,
			[]string{"--trusted-proxies=10.0.0.0/8,office"},
			[]string{"--trusted-proxies", "office", "10.0.0.0/8"},
		},
		"port": {nil, []string{"--listen=127.0.0.1:99999"}, []string{"--listen", "65535"}},
		"duration in variable": {
			map[string]string{"PRESENCE_GRACE": "30"},
			nil,
			[]string{"PRESENCE_GRACE", `"30"`, "30s"},
		},
		"truth in variable": {
			map[string]string{"PRESENCE_DEMO": "perhaps"},
			nil,
			[]string{"PRESENCE_DEMO", "true or false"},
		},
		"enum in variable": {
			map[string]string{"PRESENCE_LOG_LEVEL": "loud"},
			nil,
			[]string{"PRESENCE_LOG_LEVEL", "debug, info, warn, error"},
		},
		"address in variable": {
			map[string]string{"PRESENCE_LISTEN": "localhost"},
			nil,
			[]string{"PRESENCE_LISTEN", "host:port"},
		},
		"missing file": {
			map[string]string{"PRESENCE_CONFIG": "/no/such.yaml"},
			nil,
			[]string{"/no/such.yaml", "no such file"},
		},
		"argument": {nil, []string{"now"}, []string{"unexpected argument now"}},
	} {
		_, _, err := parseServe(tc.env, tc.args...)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		for _, word := range tc.says {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q doesn't say %q", name, err, word)
			}
		}
	}
}

func TestWrongFile(t *testing.T) {
	for content, says := range map[string][]string{
		"grace: 30":                      {":1: grace:", `"30"`, "30s"},
		"\n\nheartbeat_interval: 3s":     {`:3: unknown setting "heartbeat_interval"`, `"heartbeat-interval"`},
		"Listen: 127.0.0.1:1":            {`"Listen"`, `"listen"`},
		"colour: red":                    {`"colour"`, "presence serve -h"},
		"config: other.yaml":             {`unknown setting "config"`},
		"help: true":                     {`unknown setting "help"`},
		"demo: 1":                        nil,
		"demo: maybe":                    {"demo", "true or false"},
		"demo: [true]":                   {"demo", "a list", "true or false"},
		"node-id: 7":                     {"node-id", `"7"`, "int"},
		"node-id: true":                  {"node-id", `"true"`, "bool"},
		"node-id: {a: b}":                {"node-id", "mapping"},
		"node-id:":                       {"node-id", "no value"},
		"missed-heartbeats: 2.5":         {"missed-heartbeats", "whole number"},
		"connection-rate: fast":          {"connection-rate", "a number"},
		"listen: 8080":                   {"listen", `"8080"`},
		"listen: '8080'":                 {"listen", "host:port"},
		"auth: [jwt]":                    {"auth", "one of insecure, jwt"},
		"ai-prefix: [a, [b]]":            {"ai-prefix", "a list of texts"},
		"ai-prefix: [a, 5]":              {"ai-prefix", `"5"`},
		"ai-prefix: {a: b}":              {"ai-prefix", "mapping"},
		"grace: 1s\ntick: 1s\ngrace: 2s": {":3: grace is set twice", "line 1"},
		"tick: [":                        {"line 1"},
		"- grace: 1s":                    {":1:", "name: value"},
		"just words":                     {":1:", "name: value"},
		"grace: 1s\n---\ntick: 1s":       {"second document"},
		"":                               nil,
		"# nothing\n":                    nil,
		"ai-prefix: []":                  nil,
		"ai-prefix: one.":                nil,
		"node-id: '7'":                   nil,
	} {
		path := writeFile(t, content)
		_, _, err := parseServe(nil, "--config", path)
		if (err == nil) != (says == nil) {
			t.Errorf("%q: %v", content, err)
			continue
		}
		for _, word := range says {
			if !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), path) {
				t.Errorf("%q: %q doesn't say %q", content, err, word)
			}
		}
	}
}

// TestAllThatIsWrong: a file with three mistakes needs one round to mend.
func TestAllThatIsWrong(t *testing.T) {
	_, _, err := parseServe(nil, "--config", writeFile(t, "grace: 3\nlog-level: loud\ntock: 1s\n"))
	for _, place := range []string{":1: grace", ":2: log-level", `:3: unknown setting "tock"; did you mean "tick"`} {
		if err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%v doesn't say %q", err, place)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"grace", "grace", 0},
		{"garce", "grace", 2},
		{"tock", "tick", 1},
		{"listen", "listens", 1},
		{"kitten", "sitting", 3},
	} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q to %q: %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add("listen: 127.0.0.1:8080\nai-prefix: [a, 'b,c']\n")
	f.Add("a: &x 1s\ngrace: *x\n")
	f.Fuzz(func(t *testing.T, content string) {
		if _, _, err := parseServe(nil, "--config", writeFile(t, content)); err != nil &&
			strings.Contains(err.Error(), "panic") {
			t.Error(err)
		}
	})
}
