package proxies

import (
	"fmt"
	"syscall"
	"testing"
)

// reloaded gives the proxy a changed configuration. nginx and HAProxy keep all sockets; Caddy
// closes them, and everybody comes back.
func (b *behind) reloaded(t *testing.T, c *crowd) {
	before := c.losses()
	b.write(t, instead(t, b.config, b.marked[0], b.marked[1]))
	if err := b.reload(b.proxy); err != nil {
		t.Fatal(err)
	}
	x := b.from(t, "127.0.0.1", false)
	eventually(t, "the new configuration isn't used", func() error {
		x.http.CloseIdleConnections() // an old worker serves those
		got, err := x.ask("GET", "/v1/presence?ids=a", token("ada", ""), nil)
		if err == nil && got.header.Get("X-Reloaded") != "yes" {
			err = fmt.Errorf("%d %v", got.status, got.header)
		}
		return err
	})
	if b.keeps {
		c.awaitBack(before, 0)
		if lost := c.losses() - before; lost > 0 {
			t.Errorf("%d sockets were lost", lost)
		}
		return
	}
	c.awaitBack(before, c.size)
}

// drained stops the second node while everybody goes on: each request is answered, and whoever was
// there moves.
func (b *behind) drained(t *testing.T, c *crowd) {
	asked := ask(t, b.from(t, "127.0.0.1", false))
	leaving := b.nodes[1]
	before := c.losses()
	terminate(t, leaving)
	eventually(t, "it does not end", func() error {
		select {
		case <-leaving.gone:
			return nil
		default:
			return fmt.Errorf("%s is there", leaving.host)
		}
	})
	if code := leaving.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	c.awaitBack(before, 1)
	asked.end()
	if answers, failures := asked.counts(); answers == 0 || len(failures) > 0 {
		t.Errorf("%d requests were answered, and not: %.2000v", answers, failures)
	}
}

// killed brings the second node back, and takes the first away without a word.
func (b *behind) killed(t *testing.T, c *crowd) {
	b.nodes[1].start(t)
	for _, n := range b.nodes {
		n.awaitReady(t)
		n.awaitLinked(t)
	}
	before := c.losses()
	b.nodes[0].kill()
	c.awaitBack(before, c.size)
	asked := ask(t, b.from(t, "127.0.0.1", false))
	eventually(t, "requests are not answered", func() error {
		answers, failures := asked.counts()
		if answers < 20 {
			return fmt.Errorf("%d answers, %v", answers, failures)
		}
		return nil
	})
}

func terminate(t *testing.T, n *node) {
	t.Helper()
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}
