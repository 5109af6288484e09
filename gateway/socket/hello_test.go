package socket

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/shard"
)

func TestHelloRefused(t *testing.T) {
	tests := []struct {
		name, hello, code string
		close             closeCode // 0: a good hello may follow
	}{
		{"no token", `{"type":"hello","req":"r"}`, "unauthorized", closeUnauthorized},
		{"wrong token", `{"type":"hello","token":"bad","req":"r"}`, "unauthorized", closeUnauthorized},
		{"expired token", `{"type":"hello","token":"old","req":"r"}`, "unauthorized", closeExpired},
		{"token not checked", `{"type":"hello","token":"down","req":"r"}`, "unavailable", 0},
		{"activity", `{"type":"hello","token":"a","device_id":"d","activity":"busy","req":"r"}`, "bad_request", 0},
		{
			"device too long", `{"type":"hello","token":"a","device_id":"` + strings.Repeat("d", 65) + `","req":"r"}`,
			"invalid_id", 0,
		},
		{"device empty", `{"type":"hello","token":"a","device_id":"","req":"r"}`, "invalid_id", 0},
		{"unknown field", `{"type":"hello","token":"a","device":"d","req":"r"}`, "bad_request", 0},
		{"field of another type", `{"type":"hello","token":"a","ids":["b"],"req":"r"}`, "bad_request", 0},
		{"null", `{"type":"hello","token":"a","device_id":null,"req":"r"}`, "bad_request", 0},
		{"number", `{"type":"hello","token":"a","device_id":7,"req":"r"}`, "bad_request", 0},
		{"twice", `{"type":"hello","token":"a","token":"b","req":"r"}`, "bad_request", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run(t, nil, func(e *env) {
				c := e.open()
				c.send("%s", tt.hello)
				c.wantPart(`"type":"error","code":"`+tt.code+`"`, `"req":"r"`)
				if tt.close != 0 {
					c.wantClose(tt.close)
					return
				}
				c.send(`{"type":"hello","token":"ann"}`)
				c.want(`{"type":"welcome","participant_id":"ann","heartbeat_interval_ms":30000,"node":"node-1","features":["status","visibility","tenants"]}`)
			})
		})
	}
}

func TestFirstMessageMustBeHello(t *testing.T) {
	first := []string{
		`{"type":"heartbeat","activity":"online"}`, `{"type":"heartbeat","activity":"x"}`, `{"type":"nonsense"}`,
		`{"type":7}`, `{}`, `[]`, `"hello"`, `null`, ``, `{"type":"hello"`, `{"type":"hello"}{}`,
		"{\"type\":\"hello\",\"x\":\"\xff\"}",
	}
	for _, m := range first {
		run(t, nil, func(e *env) {
			c := e.open()
			c.send("%s", m)
			c.wantPart(`"type":"error","code":"bad_request"`)
			c.wantClose(closeBadMessage)
		})
	}
}

func TestHelloTimeout(t *testing.T) {
	run(t, nil, func(e *env) {
		silent, wrong, good := e.open(), e.open(), e.join("bob", "")
		start := time.Now()
		time.Sleep(4 * time.Second)
		wrong.send(`{"type":"hello","token":"ann","activity":"x"}`)
		silent.wantClose(closeNoHello)
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("closed after %v, want 5s", d)
		}
		wrong.wantPart("bad_request")
		wrong.wantClose(closeNoHello)
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("a refused hello gave until %v, want 5s", d)
		}
		good.quiet(10 * time.Second)
	})
}

// An owner that isn't reached costs a hello up to five seconds; the client gets five more to try
// again.
func TestHelloUnavailableMayBeSentAgain(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.open()
		time.Sleep(4 * time.Second)
		c.send(`{"type":"hello","token":"down"}`)
		c.wantPart("unavailable")
		time.Sleep(4 * time.Second)
		c.send(`{"type":"hello","token":"ann"}`)
		c.wantPart("welcome")
	})
}

func TestHeaderAndToken(t *testing.T) {
	header := http.Header{"Authorization": {"Bearer ann"}}
	run(t, nil, func(e *env) {
		alone, agree, differ := e.connect(header).start(), e.connect(header).start(), e.connect(header).start()
		alone.send(`{"type":"hello"}`)
		alone.wantPart(`"participant_id":"ann"`)
		agree.send(`{"type":"hello","token":"ann"}`)
		agree.wantPart(`"participant_id":"ann"`)
		differ.send(`{"type":"hello","token":"bob"}`)
		differ.wantPart("unauthorized", "different participants")
		differ.wantClose(closeUnauthorized)
	})
}

func TestSecondHello(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.join("ann", "tab")
		c.send(`{"type":"hello","token":"ann","device_id":"tab","req":"2"}`)
		c.wantPart(`"code":"bad_request"`, `"req":"2"`)
		c.send(`{"type":"heartbeat","activity":"online","req":"3"}`)
		c.want(`{"type":"ok","req":"3"}`)
	})
}

func TestTokenExpires(t *testing.T) {
	run(t, nil, func(e *env) {
		start := time.Now()
		c, renewed := e.join("ann/7s", "tab"), e.join("bob/7s", "")
		time.Sleep(6 * time.Second)
		renewed.send(`{"type":"auth","token":"bob/60s","req":"a"}`)
		renewed.want(`{"type":"ok","req":"a"}`)
		c.wantPart(`"type":"error","code":"unauthorized"`)
		c.wantClose(closeExpired)
		if d := time.Since(start); d != 7*time.Second {
			t.Errorf("closed after %v, want 7s", d)
		}
		renewed.quiet(50 * time.Second)
		renewed.wantPart("unauthorized")
		renewed.wantClose(closeExpired)
	})
}

func TestTokenOfAges(t *testing.T) {
	run(t, nil, func(e *env) {
		time.Sleep(time.Second) // since the server's start
		e.join("ann/ages", "").quiet(30 * time.Second)
	})
}

func TestAuthMayShorten(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.join("ann/600s", "")
		c.send(`{"type":"auth","token":"ann/5s"}`)
		start := time.Now()
		c.wantClose(closeExpired)
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("closed after %v, want 5s", d)
		}
	})
}

func TestAuthRefused(t *testing.T) {
	for token, code := range map[string]closeCode{
		"bob": closeUnauthorized, "bad": closeUnauthorized,
		"old": closeExpired,
	} {
		run(t, nil, func(e *env) {
			c := e.join("ann", "")
			c.send(`{"type":"auth","token":"%s","req":"a"}`, token)
			c.wantPart(`"code":"unauthorized"`, `"req":"a"`)
			c.wantClose(code)
		})
	}
}

func TestTooManySockets(t *testing.T) {
	run(t, func(c *Config) { c.MaxSockets = 2 }, func(e *env) {
		first, _ := e.join("ann", "1"), e.join("ann", "")
		third := e.open()
		third.send(`{"type":"hello","token":"ann","device_id":"3"}`)
		third.wantPart(`"code":"rate_limited"`)
		third.wantClose(closeRateLimited)
		first.leave()
		time.Sleep(time.Second)
		e.join("ann", "3")
	})
}

func TestTooManyDevices(t *testing.T) {
	run(t, func(c *Config) { c.MaxSockets = 65 }, func(e *env) {
		for i := range 64 {
			e.join("ann", fmt.Sprint("d", i))
		}
		c := e.open()
		for range 3 { // a refused one takes no place
			c.send(`{"type":"hello","token":"ann","device_id":"one-more"}`)
			c.wantPart(`"code":"too_many_devices"`)
		}
		c.send(`{"type":"hello","token":"ann"}`)
		c.wantPart(`"type":"welcome"`)
	})
}

func TestReplacedAndSignedOut(t *testing.T) {
	run(t, nil, func(e *env) {
		old := e.join("ann", "tab")
		other := e.join("ann", "phone")
		fresh := e.join("ann", "tab")
		old.wantClose(closeReplaced)
		synctest.Wait()
		if n := e.node.Stats().Attached; n != 2 {
			t.Errorf("%d attachments, of two sockets", n)
		}
		if err := e.node.SignOut(t.Context(), "ann", "tab"); err != nil {
			t.Fatal(err)
		}
		fresh.wantClose(closeNormal)
		other.quiet(time.Minute)
		if s := e.state("ann"); s != shard.Online {
			t.Errorf("the other device is signed out as well: %v", s)
		}
		if n := e.node.Stats().Attached; n != 1 {
			t.Errorf("%d attachments, of one socket: what is kept is announced again when a partition is lost", n)
		}
	})
}

func (e *env) state(id string) shard.State {
	out := make([]shard.State, 1)
	e.node.States(e.t.Context(), "", []string{id}, out)
	return out[0]
}

// changedNode does something else where a test needs it.
type changedNode struct {
	*cluster.Node
	attach  func(at *cluster.Attachment)
	goodbye func(at *cluster.Attachment)
}

func (n *changedNode) replace(c *Config) {
	n.Node = c.Node.(*cluster.Node)
	c.Node, c.People = n, people.Of(n)
}

func (n *changedNode) Attach(ctx context.Context, participant, device string, a shard.Activity) (*cluster.Attachment,
	error,
) {
	at, err := n.Node.Attach(ctx, participant, device, a)
	if n.attach != nil && err == nil {
		n.attach(at)
	}
	return at, err
}

func (n *changedNode) Goodbye(ctx context.Context, at *cluster.Attachment) error {
	err := n.Node.Goodbye(ctx, at)
	if n.goodbye != nil {
		n.goodbye(at)
	}
	return err
}

// The device goes to another gateway before this one watches the participant: no eviction is told
// here.
func TestReplacedBeforeWatching(t *testing.T) {
	var n changedNode
	run(t, n.replace, func(e *env) {
		n.attach = func(at *cluster.Attachment) {
			if _, err := e.node.Attach(t.Context(), at.Participant, at.Device, shard.ActivityOnline); err != nil {
				t.Error(err)
			}
		}
		c := e.open()
		c.send(`{"type":"hello","token":"ann","device_id":"tab"}`)
		c.wantClose(closeReplaced)
	})
}

// The eviction that a goodbye brings comes before its answer.
func TestGoodbyeIsAnsweredThoughEvicted(t *testing.T) {
	var n changedNode
	run(t, n.replace, func(e *env) {
		n.goodbye = func(at *cluster.Attachment) {
			e.srv.Evict(cluster.Eviction{
				Participant: at.Participant, Device: at.Device, Below: at.Session + 1,
				Reason: cluster.EvictSignedOut,
			})
		}
		c := e.join("ann", "tab")
		c.send(`{"type":"goodbye","req":"g"}`)
		c.wantPastSelf(`{"type":"ok","req":"g"}`)
		c.wantClose(closeNormal)
	})
}
