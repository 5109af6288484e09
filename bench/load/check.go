package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/scaiwave/presence/bench/target"
)

// Check sends each node a request that changes nothing. A cluster that would refuse everything is
// found before it is measured.
func (a *API) Check(ctx context.Context) error {
	for _, n := range a.Cluster.Up() {
		out, err := a.send(ctx, n, http.MethodPost, "/v1/heartbeats", []byte(`{"heartbeats":[]}`))
		if asking, ok := errors.AsType[*url.Error](err); ok {
			err = asking.Err // the URL is in the message already
		}
		if err != nil {
			return fmt.Errorf("%s: %w", n.URL, err)
		}
		var reply struct {
			Accepted *int `json:"accepted"`
		}
		if json.Unmarshal(out, &reply) != nil || reply.Accepted == nil {
			return fmt.Errorf("%s is no presence server: POST /v1/heartbeats was answered by %.100q", n.URL, out)
		}
	}
	return nil
}

// CheckSocket connects to each node, watches nothing, and leaves.
func CheckSocket(ctx context.Context, c *target.Cluster, token string) error {
	for _, n := range c.Up() {
		s, err := (&Visitor{Cluster: c, Token: token}).connect(ctx, n)
		if err != nil {
			return fmt.Errorf("a WebSocket to %s: %w", n.URL, err)
		}
		_ = s.conn.Close()
	}
	return nil
}
