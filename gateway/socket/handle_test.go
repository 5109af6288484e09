package socket

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/shard"
)

func TestMessagesRefused(t *testing.T) {
	long := `"` + strings.Repeat("x", 129) + `"`
	tests := []struct{ name, message, want string }{
		{"unknown type", `{"type":"dance","req":"r"}`, `"code":"bad_request"`},
		{"type in another case", `{"type":"Heartbeat","activity":"online","req":"r"}`, `"code":"bad_request"`},
		{"unknown field", `{"type":"override","override":"busy","x":1,"req":"r"}`, `unknown field \"x\"`},
		{"foreign field", `{"type":"heartbeat","activity":"online","ids":["a"],"req":"r"}`, `unknown field \"ids\"`},
		{"missing field", `{"type":"heartbeat","req":"r"}`, `needs the field \"activity\"`},
		{"activity", `{"type":"heartbeat","activity":"away","req":"r"}`, `activity must be one of`},
		{"activity is a number", `{"type":"heartbeat","activity":1,"req":"r"}`, `must be a string`},
		{"activity twice", `{"type":"heartbeat","activity":"idle","activity":"idle","req":"r"}`, `twice`},
		{"lone surrogate", `{"type":"heartbeat","activity":"\ud800","req":"r"}`, `"code":"bad_request"`},
		{"override", `{"type":"override","override":"away","req":"r"}`, `override must be one of`},
		{"no ids", `{"type":"subscribe","req":"r"}`, `needs the field \"ids\"`},
		{"empty ids", `{"type":"subscribe","ids":[],"req":"r"}`, `at least one`},
		{"null ids", `{"type":"subscribe","ids":null,"req":"r"}`, `null`},
		{"ids is a string", `{"type":"unsubscribe","ids":"a","req":"r"}`, `must be an array`},
		{"empty id", `{"type":"subscribe","ids":["a",""],"req":"r"}`, `"code":"invalid_id"`},
		{"long id", `{"type":"query","ids":[` + long + `],"req":"r"}`, `"code":"invalid_id"`},
		{"me", `{"type":"subscribe","ids":["me"],"req":"r"}`, `"code":"invalid_id"`},
		{"comma", `{"type":"unsubscribe","ids":["a,b"],"req":"r"}`, `"code":"invalid_id"`},
		{"too many ids", `{"type":"query","ids":[` + list(0, 1001) + `],"req":"r"}`, `"code":"too_many_ids"`},
		{"auth without token", `{"type":"auth","req":"r"}`, `needs the field \"token\"`},
	}
	run(t, nil, func(e *env) {
		c := e.join("ann", "tab")
		for _, tt := range tests {
			c.send("%s", tt.message)
			got := c.next()
			if !strings.Contains(got, `"type":"error"`) || !strings.Contains(got, tt.want) ||
				!strings.Contains(got, `"req":"r"`) {
				t.Errorf("%s: got %s", tt.name, got)
			}
			time.Sleep(time.Second)
		}
		c.send(`{"type":"heartbeat","activity":"online","req":"still here"}`)
		c.want(`{"type":"ok","req":"still here"}`)
	})
}

func TestReq(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.join("ann", "tab")
		for _, bad := range []string{`""`, `7`, `null`, `["a"]`, `"` + strings.Repeat("r", 65) + `"`} {
			c.send(`{"type":"heartbeat","activity":"online","req":%s}`, bad)
			m := c.next()
			if !strings.Contains(m, `"code":"bad_request"`) || strings.Contains(m, `"req":`) {
				t.Errorf("req %s was answered by %s", bad, m)
			}
		}
		c.send(`{"type":"query","ids":["ann"]}`)
		c.wantPart(`query needs the field \"req\"`)
		longest := strings.Repeat("r", 64)
		c.send(`{"type":"heartbeat","activity":"online","req":"%s"}`, longest)
		c.want(`{"type":"ok","req":"` + longest + `"}`)
		c.send(`{"type":"override","override":"auto","req":"\u00e9\n"}`)
		c.want(`{"type":"ok","req":"é\n"}`)
	})
}

func TestBadFramesClose(t *testing.T) {
	run(t, nil, func(e *env) {
		binary := e.join("ann", "")
		if err := binary.ws.Write(context.Background(), websocket.MessageBinary,
			[]byte(`{"type":"goodbye"}`)); err != nil {
			t.Fatal(err)
		}
		binary.wantPart("binary")
		binary.wantClose(closeBadMessage)
		for _, m := range []string{
			`[]`, `{"no":"type"}`, `{"type":null}`, `hello`,
			"{\"type\":\"goodbye\",\"req\":\"\xff\"}", `{"type":"goodbye"} x`,
		} {
			c := e.join("ann", "")
			c.send("%s", m)
			c.wantPart(`"code":"bad_request"`)
			c.wantClose(closeBadMessage)
		}
	})
}

func TestFrameSizes(t *testing.T) {
	hello := func(size int) string {
		m := `{"type":"hello","token":"ann"}`
		return m + strings.Repeat(" ", size-len(m))
	}
	beat := func(size int) string {
		m := `{"type":"heartbeat","activity":"online","req":"1"}`
		return m + strings.Repeat(" ", size-len(m))
	}
	run(t, nil, func(e *env) {
		c := e.open()
		c.send("%s", hello(16<<10+1))
		c.wantClose(closeTooLarge)
		c = e.open()
		c.send(`{"type":"hello","token":"ann","device_id":"tab"}%s`, strings.Repeat(" ", 16<<10-50))
		c.wantPart("welcome")
		c.wantPart("self")
		c.send("%s", beat(256<<10))
		c.want(`{"type":"ok","req":"1"}`)
		go c.ws.Write(context.Background(), websocket.MessageText, []byte(beat(256<<10+1)))
		c.wantClose(closeTooLarge)
	})
}

func TestWatcherHasNoPresence(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.join("ann", "")
		c.send(`{"type":"heartbeat","activity":"online","req":"1"}`)
		c.wantPart(`"code":"bad_request"`, `device_id`)
		c.send(`{"type":"query","ids":["ann","bob","ann"],"req":"2"}`)
		c.want(`{"type":"result","states":{"ann":"offline","bob":"offline"},"req":"2"}`)
		c.send(`{"type":"goodbye"}`)
		c.wantClose(closeNormal)
	})
}

func TestSelfFromAnyDevice(t *testing.T) {
	run(t, nil, func(e *env) {
		tab, phone := e.join("ann", "tab"), e.join("ann", "phone")
		// without a req: an ok may come before self or after it
		phone.send(`{"type":"override","override":"appear_offline"}`)
		for _, c := range []*client{tab, phone} {
			c.want(`{"type":"self","state":"appear_offline","override":"appear_offline"}`)
		}
		bob := e.join("bob", "")
		bob.send(`{"type":"subscribe","ids":["ann"]}`)
		bob.want(`{"type":"presence","states":{"ann":"offline"}}`)
		tab.send(`{"type":"override","override":"busy"}`)
		tab.want(`{"type":"self","state":"busy","override":"busy"}`)
		bob.want(`{"type":"presence","states":{"ann":"busy"}}`)
		tab.send(`{"type":"subscribe","ids":["ann"]}`)
		tab.want(`{"type":"presence","states":{"ann":"busy"}}`)
	})
}

func TestWatchedLimit(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.join("ann", "")
		for i := range 5 {
			c.send(`{"type":"subscribe","ids":[%s]}`, list(i*1000, (i+1)*1000))
			c.wantPart(`"type":"presence"`)
		}
		c.send(`{"type":"subscribe","ids":["id-4999","one-more"],"req":"x"}`)
		c.wantPart(`"code":"too_many_ids"`, `"req":"x"`)
		c.send(`{"type":"subscribe","ids":["id-4999","id-0"],"req":"again"}`)
		c.want(`{"type":"presence","states":{"id-4999":"offline","id-0":"offline"},"req":"again"}`)
		if got := e.hub.Stats().Subscriptions; got != 5000 {
			t.Errorf("%d subscriptions, want 5000", got)
		}
	})
}

func list(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `,"id-%d"`, i)
	}
	return strings.TrimPrefix(b.String(), ",")
}

func TestRateLimit(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.join("ann", "tab") // one of the burst is gone
		for range 105 {
			c.send(`{"type":"heartbeat","activity":"online","req":"x"}`)
		}
		refused := 0
		for range 105 {
			if m := c.next(); strings.Contains(m, "rate_limited") {
				refused++
			}
		}
		if refused != 6 {
			t.Errorf("%d of 105 refused, want 6", refused)
		}
		time.Sleep(time.Second)
		for range 20 {
			c.send(`{"type":"heartbeat","activity":"online","req":"y"}`)
			c.want(`{"type":"ok","req":"y"}`)
		}
	})
}

func TestFloodCloses(t *testing.T) {
	run(t, nil, func(e *env) {
		start := time.Now()
		c := e.join("ann", "tab")
		for c.ws.Write(context.Background(), websocket.MessageText,
			[]byte(`{"type":"heartbeat","activity":"online"}`)) == nil {
			time.Sleep(10 * time.Millisecond)
		}
		c.wantClose(closeRateLimited)
		if d := time.Since(start); d < 10*time.Second || d > 13*time.Second {
			t.Errorf("closed after %v, want little over 10s", d)
		}
	})
}

// Bursts with a pause between them are refused, but are no flood.
func TestBurstsDoNotClose(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.join("ann", "tab")
		for range 5 {
			for range 130 {
				c.send(`{"type":"heartbeat","activity":"online"}`)
			}
			time.Sleep(5 * time.Second)
		}
		c.send(`{"type":"goodbye"}`)
		c.wantClose(closeNormal)
	})
}

func TestStats(t *testing.T) {
	run(t, nil, func(e *env) {
		if st := e.srv.Stats(); len(st.Closes) != len(closeCodes) || len(st.Messages) != int(numKinds) {
			t.Errorf("labels are missing at the start: %+v", st)
		}
		c := e.join("ann", "tab")
		c.send(`{"type":"heartbeat","activity":"online"}`)
		c.send(`{"type":"dance"}`)
		c.wantPart("error")
		c.send(`{"type":"goodbye"}`)
		c.wantClose(closeNormal)
		time.Sleep(time.Second)
		st := e.srv.Stats()
		if st.Open != 0 || st.Opened != 1 || st.Messages["heartbeat"] != 1 || st.Messages["unknown"] != 1 ||
			st.Closes["1000"] != 1 {
			t.Errorf("%+v", st)
		}
		if e.state("ann") != shard.Offline {
			t.Error("goodbye left the device")
		}
	})
}
