package proxies

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/scaiwave/presence/client/presence"
)

// crowd is people with a device each on a socket through a proxy, and a watcher who looks at all of
// them. Nobody of them leaves, so whoever is shown offline is a broken promise.
type crowd struct {
	t       *testing.T
	browser *browser
	size    int

	mu      sync.Mutex
	open    map[string]bool // who has a socket now
	lost    int             // sockets that ended
	seen    map[string]bool // who was shown online
	offline []string        // who was shown offline after that
	last    error           // why somebody lost a socket, or could not connect
}

// newCrowd connects people and the watcher, and waits until all are seen. They leave with the test.
func newCrowd(t *testing.T, b *browser, size int) *crowd {
	t.Helper()
	c := &crowd{t: t, browser: b, size: size, open: map[string]bool{}, seen: map[string]bool{}}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	t.Cleanup(func() { cancel(); all.Wait() })
	var ids []string
	for i := range size {
		id := fmt.Sprintf("person-%d", i)
		ids = append(ids, id)
		all.Go(func() { c.keep(ctx, id, "laptop", nil) })
	}
	c.await("not all have connected", func() bool { return len(c.open) == size })
	all.Go(func() { c.keep(ctx, "watcher", "", ids) })
	c.await("not all are seen", func() bool { return len(c.seen) == size })
	return c
}

// keep is a connection of id's until ctx ends.
func (c *crowd) keep(ctx context.Context, id, device string, watch []string) {
	client := presence.New(presence.Config{
		Server: c.browser.base, Token: token(id, ""), Device: device, HTTP: c.browser.http,
	})
	err := client.Watch(watch...)
	if err == nil {
		err = client.Run(ctx, func(e presence.Event) { c.take(id, e) })
	}
	if err != nil {
		c.t.Errorf("%s: %v", id, err)
	}
}

// take notes an event of id's connection.
func (c *crowd) take(id string, e presence.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := e.(type) {
	case presence.Welcome:
		if id != "watcher" {
			c.open[id] = true
		}
	case presence.Lost:
		if c.last = e.Err; c.open[id] { // or an attempt failed
			delete(c.open, id)
			c.lost++
		}
	case presence.States:
		for of, state := range e {
			switch {
			case state == "online":
				c.seen[of] = true
			case state == "offline" && c.seen[of]:
				c.offline = append(c.offline, of)
			}
		}
	}
}

func (c *crowd) await(name string, is func() bool) {
	c.t.Helper()
	eventually(c.t, name, func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if is() {
			return nil
		}
		return fmt.Errorf("%d have a socket, %d were lost, %d are seen; %v", len(c.open), c.lost, len(c.seen), c.last)
	})
}

// losses is how many sockets have ended.
func (c *crowd) losses() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

// awaitBack waits until n more sockets than before were lost, and everybody has one again.
func (c *crowd) awaitBack(before, n int) {
	c.t.Helper()
	c.await("not all are back", func() bool { return c.lost >= before+n && len(c.open) == c.size })
	c.check()
}

// check fails if somebody was shown offline.
func (c *crowd) check() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.offline) > 0 {
		c.t.Errorf("shown offline: %v", c.offline)
	}
}
