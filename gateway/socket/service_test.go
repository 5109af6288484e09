package socket

import (
	"context"
	"testing"
	"time"

	"github.com/scaiwave/presence/gateway/auth"
)

// TestServiceSockets: the processes of a backend share a name, and have a limit of their own.
func TestServiceSockets(t *testing.T) {
	adjust := func(c *Config) {
		c.MaxSockets, c.ServiceSockets = 1, 3
		c.Authenticate = func(ctx context.Context, token string) (auth.Identity, error) {
			id, err := authenticateTest(ctx, token)
			id.Service = token == "backend"
			return id, err
		}
	}
	run(t, adjust, func(e *env) {
		e.join("ann", "")
		first, _, _ := e.join("backend", ""), e.join("backend", ""), e.join("backend", "")
		full := func(token, detail string) {
			t.Helper()
			c := e.open()
			c.send(`{"type":"hello","token":"%s"}`, token)
			c.wantPart(`"code":"rate_limited"`, detail)
			c.wantClose(closeRateLimited)
		}
		full("ann", "has 1 connections")
		full("backend", "has 3 connections")
		full("backend", "has 3 connections")
		if got := e.srv.Stats().Full; got["participant"] != 1 || got["service"] != 2 {
			t.Errorf("counted as %v", got)
		}
		first.leave()
		time.Sleep(time.Second)
		e.join("backend", "")
	})
}
