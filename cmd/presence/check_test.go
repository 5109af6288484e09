package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		args string
		says string // empty: accepted
	}{
		{"", ""},
		{"--listen=localhost:0", ""},
		{"--listen=[::1]:0", ""},
		{"--listen=127.8.9.10:0", ""},
		{"--listen=0.0.0.0:0", "--allow-insecure"},
		{"--listen=0.0.0.0:0", "--auth=jwt"},
		{"--listen=:0", "--allow-insecure"},
		{"--listen=[::]:0", "--allow-insecure"},
		{"--listen=192.0.2.1:0", "--allow-insecure"},
		{"--listen=[::ffff:192.0.2.1]:0", "--allow-insecure"},
		{"--listen=[::ffff:127.0.0.1]:0", ""},
		{"--listen=no-such-host.invalid:0", "--listen"},
		{"--listen=:0 --allow-insecure", ""},
		{"--listen=:0 --auth=jwt --jwt-key-file=k", ""},
		{"--auth=jwt", "--jwt-key-file or --jwt-jwks-url"},
		{"--auth=jwt --jwt-key-file=k --jwt-jwks-url=https://x", "one of them"},
		{"--jwt-key-file=k", "--auth=jwt"},
		{"--jwt-issuer=i", "--auth=jwt"},
		{"--jwt-leeway=6s --jwt-max-size=16KiB", "--jwt-leeway, --jwt-max-size: the --jwt-… settings do nothing"},
		{"--auth=jwt --jwt-key-file=k --jwt-leeway=31s", "1s to 30s"},
		{"--auth=jwt --jwt-key-file=k --jwt-leeway=30s --jwt-max-size=64KiB", ""},
		{"--auth=jwt --jwt-key-file=k --jwt-max-size=65KiB", "65536"},
		{"--auth=jwt --jwt-key-file=k --jwt-no-audience", "no audience is asked for"},
		{"--auth=jwt --jwt-key-file=k --jwt-no-audience --jwt-audience=a --jwt-audience=b", ""},
		{"--tls-cert=c", "--tls-key"},
		{"--tls-key=k", "--tls-cert"},
		{"--heartbeat-interval=-1s", "heartbeat-interval"},
		{"--missed-heartbeats=0", "missed-heartbeats"},
		{"--tick=0s", "tick"},
		{"--max-connections=-1", "connections"},
		{"--max-windows=5", ""},
		{"--max-windows=5 --max-exceptions=5", ""},
		{"--max-windows=5 --max-exceptions=10000", "the former name of --max-exceptions"},
		{"--max-exceptions=5 --max-windows=0", "the former name of --max-exceptions"},
		{"--max-windows=0", "max-windows"},
		{"--visibility-default=nobody", "everyone"},
		{"--max-greetings=-1", "max-greetings"},
		{"--anonymous-rate=0", "anonymous-rate"},
		{"--min-transfer-rate=0", "min-transfer-rate"},
		{"--proxy-protocol", "trusted proxies"},
		{"--connection-rate=0", "rate"},
		{"--participant-ids-rate=0", "participant-ids-rate"},
		{"--request-memory=1MiB", "request-memory"},
		{"--participant-rate=-5", "rate"},
		{"--join=a:1", ""},
		{"--data-dir=/tmp/x", ""},
		{"--role=shard", "--role=shard needs other nodes"},
		{"--role=gateway", "--join, --expect-nodes, --gossip-listen or --peer-listen"},
		{"--role=shard --join=a:1", ""},
		{"--role=gateway --expect-nodes=2", ""},
		{"--role=gateway --gossip-listen=127.0.0.1:1", ""},
		{"--expect-nodes=-1", "from 0"},
		{"--expect-nodes=1000", ""},
		{"--expect-nodes=1001", "to 1000"},
		{"--peer-tls-cert=c", "all three"},
		{"--role=all --peer-listen=127.0.0.1:1 --gossip-listen=localhost:2", ""},
		{"--peer-listen=0.0.0.0:1", "--allow-insecure-peers"},
		{"--gossip-listen=:1", "--allow-insecure-peers"},
		{"--gossip-listen=:1 --gossip-key-file=k", ""},
		{"--peer-listen=:1 --peer-tls-cert=c --peer-tls-key=k", "--peer-tls-ca"},
		{"--peer-listen=:1 --gossip-listen=:2 --allow-insecure-peers", ""},
	} {
		c, given, err := parseServe(nil, strings.Fields(tc.args)...)
		if err == nil {
			err = c.check(t.Context(), given)
		}
		if tc.says == "" && err != nil {
			t.Errorf("%s: %v", tc.args, err)
		}
		if tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%s: %v doesn't say %q", tc.args, err, tc.says)
		}
	}
}

// TestDependentDefaults: what is on or off by itself follows from where the node listens.
func TestDependentDefaults(t *testing.T) {
	for _, tc := range []struct {
		args        string
		demo, pprof bool
	}{
		{"", true, true},
		{"--no-demo", false, true},
		{"--listen=:0 --allow-insecure", false, true},
		{"--listen=:0 --allow-insecure --demo", true, true},
		{"--auth=jwt --jwt-key-file=k", false, true},
		{"--admin-listen=:0", true, false},
		{"--admin-listen=:0 --admin-pprof", true, true},
	} {
		c, given, err := parseServe(nil, strings.Fields(tc.args)...)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.check(t.Context(), given); err != nil {
			t.Fatal(err)
		}
		if *c.Demo != tc.demo || c.AdminPprof != tc.pprof {
			t.Errorf("%q: demo %v, pprof %v", tc.args, *c.Demo, c.AdminPprof)
		}
		if c.NodeID == "" || c.MaxConnections < 1 {
			t.Errorf("%q: node %q, %d connections", tc.args, c.NodeID, c.MaxConnections)
		}
	}
}

// TestWantsPeers: ports for other nodes are opened where a setting speaks of these; what does
// nothing without is named.
func TestWantsPeers(t *testing.T) {
	for _, tc := range []struct {
		args  string
		wants bool
		idle  string
	}{
		{"--grace=1s", false, "[]"},
		{"--peer-listen=127.0.0.1:1", true, "[]"},
		{"--gossip-listen=127.0.0.1:7946", true, "[]"}, // the default's value, but given
		{"--join=a:1 --cluster-name=x", true, "[]"},
		{"--expect-nodes=1", true, "[]"},
		{"--expect-nodes=0", false, "[]"},
		{"--data-dir=/tmp/x", false, "[]"},
		{"--role=all", false, "[]"},
		{
			"--cluster-name=x --data-dir=/tmp/x --advertise-address=10.0.0.1", false,
			"[--advertise-address]",
		},
		{"--allow-insecure-peers", false, "[--allow-insecure-peers]"},
	} {
		c, given, err := parseServe(nil, strings.Fields(tc.args)...)
		if err == nil {
			err = c.check(t.Context(), given)
		}
		if err != nil || c.wantsPeers != tc.wants || fmt.Sprint(c.idle) != tc.idle {
			t.Errorf("%s: wants peers: %v, idle %v, %v", tc.args, c.wantsPeers, c.idle, err)
		}
	}
}

func TestRoomFor(t *testing.T) {
	for files, want := range map[int]room{
		1:             {admin: 1, public: 1, seats: 1, greetings: 1},
		64:            {admin: 8, public: 32, seats: 24, greetings: 4},
		256:           {admin: 16, public: 192, seats: 144, greetings: 24},
		1024:          {admin: 32, public: 896, seats: 672, greetings: 112},
		20_000:        {admin: 256, public: 18_976, seats: 14_232, greetings: 2372},
		mostOpenFiles: {admin: 256, public: mostOpenFiles - 1024, seats: mostOpenFiles - 1024 - 8192, greetings: 4096},
	} {
		if got := roomFor(files); got != want {
			t.Errorf("%d files: %+v, want %+v", files, got, want)
		}
	}
	if openFiles() < 32 {
		t.Errorf("%d open files allowed", openFiles())
	}
}

func TestMoreConnectionsThanFiles(t *testing.T) {
	if err := checkRoom(192, 256); err != nil {
		t.Error(err)
	}
	if err := checkRoom(193, 256); err == nil || !strings.Contains(err.Error(), "192") ||
		!strings.Contains(err.Error(), "ulimit -n") {
		t.Error(err)
	}
}

func TestBurst(t *testing.T) {
	for rate, want := range map[float64]int{20: 100, 0.1: 1, 0.5: 3} {
		if got := burst(rate, 5); got != want {
			t.Errorf("rate %v: burst %d, want %d", rate, got, want)
		}
	}
}
