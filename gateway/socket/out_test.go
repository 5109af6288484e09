package socket

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// Replies, own state and changes that wait together are one write, in this order; alone, a change
// is the shared bytes.
func TestNext(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.bench(t, "ann")
		c.out.viewer = e.hub.NewViewer("ann", func() {})
		defer c.out.viewer.Close()
		other := e.hub.NewViewer("bob", func() {})
		defer other.Close()
		for _, v := range []*hub.Viewer{c.out.viewer, other} {
			if _, err := v.Subscribe(t.Context(), tenant.Name("").Participants([]string{"x"}), 0); err != nil {
				t.Fatal(err)
			}
		}
		change := func(s shard.State, order uint64) {
			e.hub.Deliver([]cluster.Update{{ID: "x", View: shard.View{Public: s, Inner: s, Self: s, Order: order}}})
		}
		change(shard.Online, 1<<40)
		b := c.next()
		if string(b.bytes) != string(EncodeChange(nil, changeOf("x", shard.Online))) || b.own != nil {
			t.Errorf("a change alone: %q, own %v", b.bytes, b.own)
		}
		change(shard.Idle, 1<<40+1)
		c.out.viewer.WatchSelf(t.Context())
		c.out.add(func(b []byte) []byte { return appendOK(b, "1") })
		c.out.ping = true
		b = c.next()
		want := string(appendOK(nil, "1")) + string(pingFrame) + "\x81\x33" +
			`{"type":"self","state":"online","override":"auto"}` + string(EncodeChange(nil, changeOf("x", shard.Idle)))
		if b.own == nil || strings.Replace(string(b.bytes), "\x81\x32", "\x81\x33", 1) != want {
			t.Errorf("got\n%q, want\n%q", b.bytes, want)
		}
		if b = c.next(); b.bytes != nil || b.own != nil || b.more {
			t.Error("something is left")
		}
	})
}

// A change that comes while a subscribe is under way must not be overtaken by its snapshot: what is
// told last is how it is.
func TestSnapshotIsNotOvertaken(t *testing.T) {
	run(t, func(c *Config) { c.MessageRate, c.MessageBurst = 1e6, 1e6 }, func(e *env) {
		ann, bob := e.join("ann", "tab"), e.join("bob", "")
		for i := range 300 {
			activity := []string{"idle", "online"}[i%2]
			bob.send(`{"type":"subscribe","ids":["ann"]}`)
			ann.send(`{"type":"heartbeat","activity":"%s"}`, activity)
			bob.send(`{"type":"subscribe","ids":["ann"]}`)
			last := ""
			for m, ok := bob.soon(); ok; m, ok = bob.soon() {
				last = m
			}
			if want := fmt.Sprintf(`{"type":"presence","states":{"ann":"%s"}}`, activity); last != want {
				t.Fatalf("round %d: told %s last, want %s", i, last, want)
			}
		}
	})
}

// soon is the next message, if it comes within a virtual millisecond.
func (c *client) soon() (string, bool) {
	select {
	case m, ok := <-c.msgs:
		return m, ok
	case <-time.After(time.Millisecond):
		return "", false
	}
}

func changeOf(p tenant.Participant, s shard.State) *hub.Change {
	return &hub.Change{Of: p, Parts: hub.StateChanged, State: s}
}
