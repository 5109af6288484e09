package socket

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
)

func TestDue(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name                       string
		lastSign, helloBy, expires time.Duration
		now                        time.Duration
		act                        action
		next                       time.Duration
	}{
		{"nothing yet", 10 * s, 0, 0, 20 * s, doNothing, 20 * s},
		{"half a deadline: ask", 10 * s, 0, 0, 40 * s, doPing, 15 * s},
		{"three quarters: ask again", 10 * s, 0, 0, 55 * s, doPing, 15 * s},
		{"nearly over: ask, look at the end", 10 * s, 0, 0, 65 * s, doPing, 5 * s},
		{"over", 10 * s, 0, 0, 70 * s, doGiveUpSilent, far},
		{"hello first", 1 * s, 5 * s, 0, 2 * s, doNothing, 3 * s},
		{"no hello", 1 * s, 5 * s, 0, 5 * s, doGiveUpHello, far},
		{"token soon", 10 * s, 0, 25 * s, 20 * s, doNothing, 5 * s},
		{"token over", 10 * s, 0, 25 * s, 25 * s, doExpire, far},
		{"token over, silent too", 10 * s, 0, 25 * s, 99 * s, doExpire, far},
	}
	for _, tt := range tests {
		var w watch
		w.sign(tt.lastSign)
		w.expectHello(tt.helloBy)
		w.expires.Store(int64(tt.expires))
		if act, next := w.due(tt.now, 60*s, 0); act != tt.act || next != tt.next {
			t.Errorf("%s: got %v in %v, want %v in %v", tt.name, act, next, tt.act, tt.next)
		}
	}
}

func TestDueUnattended(t *testing.T) {
	const s = time.Second
	for _, tt := range []struct {
		name            string
		lastSign, heard time.Duration
		now, unattended time.Duration
		act             action
		next            time.Duration
	}{
		{"before half a deadline", 10 * s, 10 * s, 15 * s, 8 * s, doNothing, 3 * s},
		{"over: ask", 10 * s, 10 * s, 18 * s, 8 * s, doPing, 15 * s},
		{"long over, answered since", 35 * s, 10 * s, 36 * s, 8 * s, doPing, 15 * s},
		{"after half a deadline", 40 * s, 10 * s, 41 * s, 180 * s, doNothing, 29 * s},
		{"never", 10 * s, 10 * s, 18 * s, 0, doNothing, 22 * s},
		{"a watcher", 10 * s, 0, 18 * s, 8 * s, doNothing, 22 * s},
	} {
		var w watch
		w.sign(tt.lastSign)
		w.heard.Store(int64(tt.heard))
		if act, next := w.due(tt.now, 60*s, tt.unattended); act != tt.act || next != tt.next {
			t.Errorf("%s: got %v in %v, want %v in %v", tt.name, act, next, tt.act, tt.next)
		}
	}
}

// A hidden tab never beats, but its browser answers pings.
func TestPongKeepsDeviceAlive(t *testing.T) {
	run(t, nil, func(e *env) {
		ann, bob := e.join("ann", "tab"), e.join("bob", "")
		bob.send(`{"type":"subscribe","ids":["ann"]}`)
		bob.want(`{"type":"presence","states":{"ann":"online"}}`)
		bob.quiet(30 * time.Minute)
		ann.quiet(time.Second)
		st := e.srv.Stats()
		if st.Pings == 0 || st.Pings != st.Pongs || st.Pings > 2*56 {
			t.Errorf("%d pings, %d pongs in half an hour of two silent sockets; want one each 32.5 s", st.Pings,
				st.Pongs)
		}
	})
}

func TestNoPingWhileBeating(t *testing.T) {
	run(t, nil, func(e *env) {
		ann := e.join("ann", "tab")
		for range 12 {
			time.Sleep(30 * time.Second)
			ann.send(`{"type":"heartbeat","activity":"online"}`)
		}
		time.Sleep(time.Second)
		if st := e.srv.Stats(); st.Pings != 0 {
			t.Errorf("%d pings to a client that beats", st.Pings)
		}
	})
}

// Neither queries nor a client's own pings are a sign of life: without pongs the device goes, and
// the socket with it.
func TestSilentSocketIsClosed(t *testing.T) {
	run(t, nil, func(e *env) {
		start := time.Now()
		raw := e.raw(t)
		defer raw.Close()
		raw.write(`{"type":"hello","token":"ann","device_id":"tab"}`)
		go func() {
			for range 12 {
				time.Sleep(5 * time.Second)
				raw.write(`{"type":"query","ids":["ann"],"req":"1"}`)
				_, _ = raw.Write([]byte{0x89, 0x80, 0, 0, 0, 0})
			}
		}()
		_, _ = io.Copy(io.Discard, raw)
		if d := time.Since(start); d != 65*time.Second {
			t.Errorf("closed after %v, want 65s", d)
		}
		time.Sleep(time.Second)
		if st := e.srv.Stats(); st.Closes["silent"] != 1 || st.Pings != 2 {
			t.Errorf("%d pings, closes %v", st.Pings, st.Closes)
		}
		if s := e.state("ann"); s != shard.Offline {
			t.Errorf("a deaf socket keeps its device: %v", s)
		}
	})
}

// rawClient is a connection whose client does nothing by itself.
type rawClient struct{ net.Conn }

func (e *env) raw(t *testing.T) rawClient {
	t.Helper()
	nc, err := e.lis.dialContext(context.Background(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(nc, handshake) }()
	if res, err := http.ReadResponse(bufio.NewReaderSize(nc, 16), nil); err != nil ||
		res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", res, err)
	}
	return rawClient{nc}
}

func (r rawClient) write(m string) { _, _ = r.Write(masked(m)) }

// A pong that nobody asked for is no sign of life.
func TestUnaskedPong(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.bench(t, "ann")
		c.ponged(t.Context(), nil)
		if c.watch.lastSign.Load() != 0 {
			t.Error("it counts")
		}
		time.Sleep(time.Second)
		c.watch.pinging.Store(true)
		if c.ponged(t.Context(), nil); c.watch.lastSign.Load() == 0 {
			t.Error("an answer doesn't count")
		}
	})
}

// With timings scaled down, half a deadline is over before the hello timeout would be.
func TestShortDeadline(t *testing.T) {
	run(t, func(c *Config) { c.Deadline = 2 * time.Second }, func(e *env) {
		raw := e.raw(t)
		defer raw.Close()
		start := time.Now()
		raw.write(`{"type":"hello","token":"ann"}`)
		_, _ = io.Copy(io.Discard, raw)
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("closed after %v, want 2s", d)
		}
	})
}

func TestLinger(t *testing.T) {
	run(t, nil, func(e *env) {
		ann, bob := e.join("ann", "tab"), e.join("bob", "")
		bob.send(`{"type":"subscribe","ids":["ann"]}`)
		bob.want(`{"type":"presence","states":{"ann":"online"}}`)
		ann.leave()
		time.Sleep(9 * time.Second)
		ann = e.join("ann", "tab") // a page reload: no event
		bob.quiet(20 * time.Second)
		start := time.Now()
		ann.leave()
		bob.want(`{"type":"presence","states":{"ann":"offline"}}`)
		if d := time.Since(start); d < 10*time.Second || d > 10200*time.Millisecond {
			t.Errorf("offline after %v, want 10s and a tick", d)
		}
	})
}

// A close by the server leaves the device its deadline; a client's mistake doesn't.
func TestLingerByCloseCode(t *testing.T) {
	tests := []struct {
		name string
		end  func(e *env, c *client)
		want time.Duration
	}{
		{"token expired", func(e *env, c *client) { c.send(`{"type":"auth","token":"old"}`) }, 65 * time.Second},
		{"bad message", func(e *env, c *client) { c.send(`[]`) }, 10 * time.Second},
		{"other's token", func(e *env, c *client) { c.send(`{"type":"auth","token":"bob"}`) }, 10 * time.Second},
		{"drain", func(e *env, c *client) { e.srv.Drain(context.Background()) }, 65 * time.Second},
		{"goodbye", func(e *env, c *client) { c.send(`{"type":"goodbye"}`) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run(t, nil, func(e *env) {
				c := e.join("ann", "tab")
				start := time.Now()
				tt.end(e, c)
				c.closed()
				for e.state("ann") != shard.Offline {
					time.Sleep(50 * time.Millisecond)
				}
				if d := time.Since(start); d < tt.want || d > tt.want+time.Second {
					t.Errorf("offline after %v, want %v", d, tt.want)
				}
			})
		})
	}
}

func TestSlowReaderGetsNewestThen4005(t *testing.T) {
	runPiped(t, func(c *Config) { c.SlowAfter, c.CloseTimeout = 5*time.Second, 20*time.Second }, func(e *env) {
		ann := e.join("ann", "tab")
		slow := e.connect(nil)
		slow.send(`{"type":"hello","token":"bob","device_id":"x"}`)
		slow.readOne(t, "welcome")
		slow.readOne(t, "self")
		slow.send(`{"type":"subscribe","ids":["ann"]}`)
		slow.readOne(t, `"ann":"online"`)
		for i := range 15 { // the first is written, or tried; the rest is one state
			ann.send(`{"type":"heartbeat","activity":"%s"}`, []string{"idle", "online"}[i%2])
			time.Sleep(200 * time.Millisecond)
		}
		slow.readOne(t, `"ann":"idle"`)
		slow.start().quiet(time.Second) // idle was delivered, and is how it stands: 14 changes and no event
		ann.send(`{"type":"heartbeat","activity":"online"}`)
		slow.wantPart(`"ann":"online"`)
		if n := e.srv.Stats().Closes["4005"]; n != 0 {
			t.Errorf("closed as slow: %d", n)
		}
	})
	runPiped(t, func(c *Config) { c.SlowAfter, c.CloseTimeout = 5*time.Second, 20*time.Second }, func(e *env) {
		slow := e.connect(nil)
		slow.send(`{"type":"hello","token":"bob","device_id":"x"}`)
		time.Sleep(10 * time.Second)
		slow.readOne(t, "welcome")
		slow.start().wantClose(closeSlow)
		if time.Sleep(15 * time.Second); e.state("bob") != shard.Online {
			t.Errorf("4005 must leave the device its deadline")
		}
	})
}

func TestSlowReaderIsCutOff(t *testing.T) {
	runPiped(t, nil, func(e *env) {
		slow := e.connect(nil)
		slow.send(`{"type":"hello","token":"bob","device_id":"x"}`)
		start := time.Now()
		for e.srv.Count() > 0 {
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait() // it is counted a moment after it has left
		if d := time.Since(start); d < 12*time.Second || d > 13*time.Second {
			t.Errorf("cut off after %v, want 10s for the write and 2s for its close", d)
		}
		if n := e.srv.Stats().Closes["4005"]; n != 1 {
			t.Errorf("%d closed as slow, want 1", n)
		}
	})
}

// Who doesn't fetch answers isn't listened to: what waits for it is bounded.
func TestBacklogIsBounded(t *testing.T) {
	run(t, func(c *Config) {
		c.MessageRate, c.MessageBurst, c.SlowAfter = 1e6, 1e6, time.Hour
		c.Deadline = 10 * time.Hour
	}, func(e *env) {
		c := e.connect(nil)
		c.send(`{"type":"hello","token":"bob"}`)
		question := fmt.Sprintf(`{"type":"query","ids":[%s],"req":"q"}`, list(0, 1000))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		sent := 0
		for c.ws.Write(ctx, 1, []byte(question)) == nil {
			sent++
		}
		if answer := 1000 * len(`"id-999":"offline",`); sent*answer > 600<<10 {
			t.Errorf("%d questions were taken from a client that fetches no answers: %d KB", sent, sent*answer>>10)
		}
	})
}

func (c *client) readOne(t *testing.T, part string) {
	t.Helper()
	_, b, err := c.ws.Read(context.Background())
	if err != nil || !strings.Contains(string(b), part) {
		t.Fatalf("got %s, %v; want %s", b, err, part)
	}
}
