package socket

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster"
)

// unattended has a page that the browser has frozen become idle after 3 minutes.
func unattended(c *Config) { c.UnattendedAfter = 3 * time.Minute }

// watches is bob, who watches ann and has been told that she is online.
func (e *env) watches() *client {
	bob := e.join("bob", "")
	bob.send(`{"type":"subscribe","ids":["ann"]}`)
	bob.want(`{"type":"presence","states":{"ann":"online"}}`)
	return bob
}

// after says how long it takes until c is told m.
func (c *client) after(m string) time.Duration {
	c.t.Helper()
	start := time.Now()
	c.want(m)
	return time.Since(start)
}

const (
	annIsIdle   = `{"type":"presence","states":{"ann":"idle"}}`
	annIsOnline = `{"type":"presence","states":{"ann":"online"}}`
)

// Her browser answers pings, also for two hours. Her next heartbeat brings her back, and an idle
// one doesn't.
func TestPageThatDoesNotRunIsIdle(t *testing.T) {
	run(t, unattended, func(e *env) {
		ann := e.join("ann", "tab")
		bob := e.watches()
		if d := bob.after(annIsIdle); d < 3*time.Minute || d > 3*time.Minute+time.Second {
			t.Errorf("idle after %v, want 3m", d)
		}
		bob.quiet(2 * time.Hour)
		ann.send(`{"type":"heartbeat","activity":"idle"}`)
		bob.quiet(time.Second)
		ann.send(`{"type":"heartbeat","activity":"online"}`)
		bob.want(annIsOnline)
		bob.want(annIsIdle)
		synctest.Wait() // the event is out before it is counted
		if n := e.srv.Stats().Unattended; n != 2 {
			t.Errorf("%d devices were counted, want 2", n)
		}
	})
}

// A hidden page that runs beats once a minute: no event.
func TestThrottledPageIsNotUnattended(t *testing.T) {
	run(t, unattended, func(e *env) {
		ann := e.join("ann", "tab")
		bob := e.watches()
		for range 120 {
			time.Sleep(time.Minute)
			ann.send(`{"type":"heartbeat","activity":"online"}`)
		}
		bob.quiet(time.Minute)
	})
}

// Any message is something, also one that is refused. It puts idle off, and doesn't end it.
func TestAnyMessageIsSomething(t *testing.T) {
	for _, m := range []string{
		`{"type":"query","ids":["bob"],"req":"1"}`, `{"type":"unsubscribe","ids":["bob"]}`,
		`{"type":"auth","token":"ann"}`, `{"type":"nonsense"}`,
	} {
		run(t, unattended, func(e *env) {
			ann := e.join("ann", "tab")
			bob := e.watches()
			time.Sleep(2 * time.Minute)
			ann.send("%s", m)
			if d := bob.after(annIsIdle); d < 3*time.Minute || d > 3*time.Minute+time.Second {
				t.Errorf("%s: idle %v later, want 3m", m, d)
			}
			ann.send("%s", m)
			bob.quiet(10 * time.Minute)
		})
	}
}

func TestUnattendedNever(t *testing.T) {
	run(t, func(c *Config) { c.UnattendedAfter = 0 }, func(e *env) {
		e.join("ann", "tab")
		e.watches().quiet(2 * time.Hour)
	})
}

// A watcher has no device that could be idle: it is pinged as ever.
func TestWatcherIsNotAskedMore(t *testing.T) {
	run(t, func(c *Config) { c.UnattendedAfter = time.Second }, func(e *env) {
		e.join("bob", "")
		time.Sleep(5 * time.Minute)
		if n := e.srv.Stats().Pings; n > 10 {
			t.Errorf("%d pings in 5 minutes, want one each 32.5 s", n)
		}
	})
}

// A socket that answers nothing isn't idle: it is gone at its deadline, no later.
func TestDeafIsNotUnattended(t *testing.T) {
	run(t, func(c *Config) { c.UnattendedAfter = 50 * time.Second }, func(e *env) {
		raw := e.raw(t)
		defer raw.Close()
		go raw.discard()
		raw.write(`{"type":"hello","token":"ann","device_id":"tab"}`)
		time.Sleep(time.Second)
		if d := e.watches().after(`{"type":"presence","states":{"ann":"offline"}}`); d > 65*time.Second {
			t.Errorf("offline %v later", d)
		}
	})
}

func (r rawClient) discard() {
	b := make([]byte, 512)
	for {
		if _, err := r.Read(b); err != nil {
			return
		}
	}
}

// beat is a heartbeat by HTTP.
func (e *env) beat(device string, idle bool) {
	e.t.Helper()
	beats, errs := []cluster.Heartbeat{{Participant: "ann", Device: device, Activity: 1}}, make([]error, 1)
	if idle {
		beats[0].Activity = 0
	}
	if e.node.Heartbeats(context.Background(), beats, errs); errs[0] != nil {
		e.t.Fatal(errs[0])
	}
}

// Heartbeats by HTTP are something, though this gateway doesn't hear of them, and what they say
// stands: an answer to a ping says nothing. When they end, she is idle soon.
func TestHeartbeatsByHTTPAreSomething(t *testing.T) {
	run(t, unattended, func(e *env) {
		e.join("ann", "tab")
		bob := e.watches()
		for range 30 {
			time.Sleep(50 * time.Second)
			e.beat("tab", false)
		}
		bob.quiet(time.Second)
		if d := bob.after(annIsIdle); d < 170*time.Second || d > 250*time.Second {
			t.Errorf("idle %v after the last of them, want 3m and a bit", d)
		}
		e.beat("tab", false)
		bob.want(annIsOnline)
		bob.quiet(2 * time.Minute)
		e.beat("tab", true)
		bob.want(annIsIdle)
		bob.quiet(time.Hour)
	})
}

// Another device speaks for her.
func TestUnattendedBesideAnother(t *testing.T) {
	run(t, unattended, func(e *env) {
		phone := e.join("ann", "phone")
		e.join("ann", "tab")
		bob := e.watches()
		for range 20 {
			time.Sleep(30 * time.Second)
			phone.send(`{"type":"heartbeat","activity":"online"}`)
		}
		bob.quiet(time.Second)
		phone.send(`{"type":"heartbeat","activity":"idle"}`)
		bob.want(annIsIdle)
	})
}

// Who hides is idle to nobody, and to herself in nothing but her devices.
func TestUnattendedInHiding(t *testing.T) {
	run(t, unattended, func(e *env) {
		ann := e.join("ann", "tab")
		bob := e.watches()
		ann.send(`{"type":"override","override":"appear_offline"}`)
		bob.want(`{"type":"presence","states":{"ann":"offline"}}`)
		ann.want(`{"type":"self","state":"appear_offline","override":"appear_offline"}`)
		bob.quiet(time.Hour)
		ann.quiet(time.Second)
		ann.send(`{"type":"override","override":"auto"}`)
		bob.want(annIsIdle)
	})
}
