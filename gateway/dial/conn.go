package dial

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"
)

const (
	subprotocol   = "presence.v1"
	maxFrameBytes = 4 << 20          // a snapshot of 5,000 of the longest ids is well below
	dialTimeout   = 10 * time.Second // connect, upgrade, welcome; the server itself waits up to 5 s for an owner
	maxIDs        = 1000             // ids in one subscribe
)

// Config says where to connect and as whom.
type Config struct {
	Server   string       // http:// or https:// and host; a path is a prefix
	Token    string       // a JWT, or the participant id where --auth=insecure
	Device   string       // empty: a watcher that has no presence of its own
	Activity string       // the device's: "online" (also when empty) or "idle"
	Watch    []string     // what Keep subscribes to; up to 5,000 ids
	HTTP     *http.Client // nil: http.DefaultClient
}

// Conn is one connection that has been welcomed. One goroutine may call Next; the other methods are safe for any.
type Conn struct {
	Welcome Welcome
	ws      *websocket.Conn
}

// Dial connects and says hello. A hello that is refused gives a Failure or, when the server hangs up, a *Closed.
func Dial(ctx context.Context, cfg Config) (*Conn, error) {
	target, err := endpoint(cfg.Server)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	ws, response, err := websocket.Dial(ctx, target, &websocket.DialOptions{
		HTTPClient: cfg.HTTP, Subprotocols: []string{subprotocol},
	})
	if err != nil {
		return nil, refusal(response, err)
	}
	ws.SetReadLimit(maxFrameBytes)
	c := &Conn{ws: ws}
	if err := c.hello(ctx, cfg); err != nil {
		c.CloseNow()
		return nil, err
	}
	return c, nil
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
	if json.UnmarshalRead(response.Body, &problem) != nil || problem.Detail == "" {
		return fmt.Errorf("the server refused the WebSocket: %s", response.Status)
	}
	return fmt.Errorf("the server refused the WebSocket: %s: %s", response.Status, problem.Detail)
}

func endpoint(server string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("server %q is not an address such as http://127.0.0.1:8080", server)
	}
	u.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
	u.Path = strings.TrimSuffix(u.Path, "/") + "/v1/ws"
	return u.String(), nil
}

func (c *Conn) hello(ctx context.Context, cfg Config) error {
	activity := cfg.Activity
	if cfg.Device == "" {
		activity = ""
	}
	err := c.send(ctx, request{Type: "hello", Token: cfg.Token, DeviceID: cfg.Device, Activity: activity})
	if err != nil {
		return err
	}
	for {
		event, err := c.Next(ctx)
		if err != nil {
			return err
		}
		switch e := event.(type) {
		case Welcome:
			c.Welcome = e
			return nil
		case Failure:
			return e
		}
	}
}

// Subscribe adds to what is watched. The snapshots come from Next.
func (c *Conn) Subscribe(ctx context.Context, ids ...string) error {
	for chunk := range slices.Chunk(ids, maxIDs) {
		if err := c.send(ctx, request{Type: "subscribe", IDs: chunk}); err != nil {
			return err
		}
	}
	return nil
}

// Heartbeat is a sign of life of this connection's device; activity is "online" or "idle".
func (c *Conn) Heartbeat(ctx context.Context, activity string) error {
	return c.send(ctx, request{Type: "heartbeat", Activity: activity})
}

// SetOverride picks "busy", "appear_offline" or "auto" for the participant.
func (c *Conn) SetOverride(ctx context.Context, override string) error {
	return c.send(ctx, request{Type: "override", Override: override})
}

// Goodbye signs the device out. The server then closes: Next gives a *Closed with code 1000.
func (c *Conn) Goodbye(ctx context.Context) error {
	return c.send(ctx, request{Type: "goodbye"})
}

// Next waits for the next event. Its error is final: a *Closed when the server hung up. A context that ends closes the
// connection.
func (c *Conn) Next(ctx context.Context) (Event, error) {
	for {
		_, frame, err := c.ws.Read(ctx)
		if err != nil {
			return nil, closed(err)
		}
		event, err := decode(frame)
		if err != nil || event != nil {
			return event, err
		}
	}
}

// Ping fails when the server doesn't answer before ctx ends, and then closes. Next must be running meanwhile.
func (c *Conn) Ping(ctx context.Context) error { return c.ws.Ping(ctx) }

// CloseNow drops the connection without a word; the server lets the device linger.
func (c *Conn) CloseNow() { _ = c.ws.CloseNow() }

func (c *Conn) send(ctx context.Context, r request) error {
	frame, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("%s: %w", r.Type, err)
	}
	if err := c.ws.Write(ctx, websocket.MessageText, frame); err != nil {
		return fmt.Errorf("%s: %w", r.Type, closed(err))
	}
	return nil
}
