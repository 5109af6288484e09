package presence

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

const (
	subprotocol   = "presence.v1"
	maxFrameBytes = 4 << 20          // a snapshot of 5,000 of the longest ids is well below
	attemptLimit  = 15 * time.Second // connect, upgrade, welcome; the server itself waits up to 5 s for an owner
	writeLimit    = 10 * time.Second
)

// conn is one connection. One goroutine reads, another one writes.
type conn struct{ ws *websocket.Conn }

// dial connects, says hello and waits for the welcome. A hello that is refused gives an *Error or,
// when the server hangs up, a *Closed.
func dial(ctx context.Context, cfg *Config, hello request) (conn, Welcome, error) {
	target, err := endpoint(cfg.Server)
	if err != nil {
		return conn{}, Welcome{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	ws, response, err := websocket.Dial(ctx, target, &websocket.DialOptions{
		HTTPClient: unredirected(cfg.HTTP), HTTPHeader: acting(cfg.Tenant), Subprotocols: []string{subprotocol},
	})
	if err != nil {
		return conn{}, Welcome{}, refusal(response, err)
	}
	ws.SetReadLimit(maxFrameBytes)
	c := conn{ws}
	welcome, err := c.greet(ctx, hello)
	if err != nil {
		c.drop()
	}
	return c, welcome, err
}

// refusal prefers what the server or the network said to what the libraries wrap around it.
func refusal(response *http.Response, err error) error {
	if response == nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return fmt.Errorf("cannot connect: %w", err)
	}
	var problem struct {
		Detail string `json:"detail"`
	}
	if json.NewDecoder(response.Body).Decode(&problem) != nil || problem.Detail == "" {
		return fmt.Errorf("the server refused the WebSocket: %s", statusOf(response))
	}
	return fmt.Errorf("the server refused the WebSocket: %s: %s", response.Status, problem.Detail)
}

// greet says hello. For what is wrong with the token the server closes, and the code says more
// than the error before it.
func (c conn) greet(ctx context.Context, hello request) (Welcome, error) {
	if err := c.send(ctx, hello); err != nil {
		return Welcome{}, err
	}
	var refused *Error
	for {
		m, err := c.next(ctx)
		switch {
		case err != nil && refused != nil:
			return Welcome{}, tokenRefused(err, refused)
		case err != nil:
			return Welcome{}, err
		case m.Type == "welcome":
			return m.welcome(), nil
		case m.Type == "error":
			if refused = m.refusal(); refused.Code != codeUnauthorized {
				return Welcome{}, refused
			}
		}
	}
}

// tokenRefused joins the close code to what the error said. A server that doesn't hang up has
// refused the token all the same.
func tokenRefused(err error, refused *Error) error {
	c, ok := errors.AsType[*Closed](err)
	if !ok {
		c = &Closed{Code: CodeUnauthorized}
	}
	return &Closed{Code: c.Code, Reason: cmp.Or(refused.Message, c.Reason)}
}

// next waits for a message. Its error is final: a *Closed when the server hung up. A context that
// ends closes the connection.
func (c conn) next(ctx context.Context) (*reply, error) {
	_, frame, err := c.ws.Read(ctx)
	if err != nil {
		return nil, closed(err)
	}
	return decode(frame)
}

func (c conn) send(ctx context.Context, r request) error {
	frame, err := encode(r)
	if err != nil {
		return fmt.Errorf("%s: %w", r.Type, err)
	}
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, frame); err != nil {
		return fmt.Errorf("%s: %w", r.Type, closed(err))
	}
	return nil
}

// drop ends the connection without a word; the server lets the device linger.
func (c conn) drop() { _ = c.ws.CloseNow() }
