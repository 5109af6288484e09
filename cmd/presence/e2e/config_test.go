package e2e

import (
	"strings"
	"testing"
	"time"
)

// wantRefused starts a server that should not start, and says what it wrote.
func wantRefused(t *testing.T, flags ...string) string {
	t.Helper()
	s, err := spawn(nil, append(listeners(), flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.exited:
	case <-time.After(patience):
		t.Errorf("serve %q runs", flags)
		_ = s.stop()
	}
	if s.code == 0 {
		t.Errorf("serve %q exits with 0", flags)
	}
	return s.logs.String()
}

func TestRefusesToStart(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		flags []string
		says  string
	}{
		"insecure beyond loopback": {[]string{"--listen=0.0.0.0:" + portOf(t)}, "--allow-insecure"},
		"insecure on every IPv6":   {[]string{"--listen=[::]:" + portOf(t)}, "--allow-insecure"},
		"insecure without a host":  {[]string{"--listen=:" + portOf(t)}, "--allow-insecure"},
		"peers beyond loopback":    {[]string{"--peer-listen=0.0.0.0:" + portOf(t)}, "--allow-insecure-peers"},
		"gossip beyond loopback":   {[]string{"--gossip-listen=0.0.0.0:" + portOf(t)}, "--allow-insecure-peers"},
		"an unknown flag":          {[]string{"--no-such-flag"}, "no-such-flag"},
		"a duration without unit":  {[]string{"--heartbeat-interval=30"}, "heartbeat-interval"},
		"a negative duration":      {[]string{"--heartbeat-interval=-1s"}, "heartbeat-interval"},
		"a missing config":         {[]string{"--config=/does/not/exist.yaml"}, "/does/not/exist.yaml"},
		"an unknown role":          {[]string{"--role=king"}, "king"},
		"a config that is none":    {[]string{"--config=" + writeFile(t, "c.yaml", "tick: [")}, ""},
		"an unknown setting": {
			[]string{"--config=" + writeFile(t, "c.yaml", "heartbeat-intervall: 3s\n")},
			"heartbeat-intervall",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out := wantRefused(t, tc.flags...); !strings.Contains(out, tc.says) {
				t.Errorf("doesn't mention %q: %s", tc.says, out)
			}
		})
	}
}

func portOf(t testing.TB) string {
	t.Helper()
	return strings.TrimPrefix(ports(1)[0], "127.0.0.1:")
}

// TestAllowInsecure: it may be told to.
func TestAllowInsecure(t *testing.T) {
	t.Parallel()
	s := start(t, "--listen=0.0.0.0:"+portOf(t), "--allow-insecure")
	s.as("ann").wantState(t, "bob", "offline")
}

// TestPortTaken: a listener that can't be had is an error, not a log line.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	if out := wantRefused(t, "--listen="+s.addr); !strings.Contains(out, s.addr) {
		t.Errorf("doesn't mention %s: %s", s.addr, out)
	}
}

// TestPrecedence: the flag beats the environment, that beats the file, which
// beats the default.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := "--config=" + writeFile(t, "presence.yaml",
		"heartbeat-interval: 7s\nai-prefix: [\"bot.\", \"agent.\"]\nlog-format: json\n")
	env := []string{"PRESENCE_HEARTBEAT_INTERVAL=11s", "PRESENCE_AI_PREFIX=robot.,android."}
	for _, tc := range []struct {
		name     string
		env      []string
		flags    []string
		interval time.Duration
		ai       string
	}{
		{"default", nil, nil, 30 * time.Second, "model:x helper:x"},
		{"file", nil, []string{file}, 7 * time.Second, "bot.x agent.x"},
		{"environment", env, []string{file}, 11 * time.Second, "robot.x android.x"},
		{"flag", env, []string{file, "--heartbeat-interval=13s", "--ai-prefix=ki."}, 13 * time.Second, "ki.x"},
		{
			"file by environment",
			[]string{"PRESENCE_CONFIG=" + strings.TrimPrefix(file, "--config=")},
			nil,
			7 * time.Second, "bot.x agent.x",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, err := launch(tc.env, tc.flags...)
			if err != nil {
				t.Fatal(err)
			}
			ann := s.as("ann")
			w := ann.mute(t)
			f := w.want(t, "welcome", ann.helloMessage(nil))
			if got := time.Duration(f.HeartbeatIntervalMS) * time.Millisecond; got != tc.interval {
				t.Errorf("heartbeat interval %v, want %v", got, tc.interval)
			}
			all := []string{"model:x", "helper:x", "bot.x", "agent.x", "robot.x", "android.x", "ki.x"}
			var ai []string
			for _, id := range all {
				if ann.state(t, id) == "online" {
					ai = append(ai, id)
				}
			}
			if got := strings.Join(ai, " "); got != tc.ai {
				t.Errorf("AI participants %q, want %q", got, tc.ai)
			}
			w.cut()
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLogFormat: json for machines.
func TestLogFormat(t *testing.T) {
	t.Parallel()
	s := start(t, "--log-format=json", "--log-level=debug")
	s.as("ann").beat(t, "d", "online")
	eventually(t, "a line of JSON", func() bool { return strings.Contains(s.logs.String(), `"level":"`) })
	if strings.Contains(s.logs.String(), `"ann"`) {
		t.Errorf("a heartbeat is logged: %s", s.logs)
	}
}
