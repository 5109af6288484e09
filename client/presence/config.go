package presence

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config says where a Client connects, and as whom.
type Config struct {
	Server string // http:// or https:// and host; a path is a prefix
	Token  string // a JWT, or the participant id where the server runs with --auth=insecure

	// Tenant is that to act in; empty: the token's. It needs the scope presence:tenants.
	Tenant string

	// NewToken, when set, is asked for the token at each attempt. It must return when its context
	// ends, which is after 30 s at most: Run waits for it. A client with a fixed Token ends when
	// that is refused. One with NewToken asks again, in growing pauses.
	NewToken func(context.Context) (string, error)

	// Statuses has what watched participants say of themselves told too, where the server knows
	// that: changes come as Seen instead of States.
	Statuses bool

	Device   string       // empty: a watcher, which has no presence of its own
	Activity string       // of the device at first: Online (also when empty) or Idle
	HTTP     *http.Client // nil: http.DefaultClient; follows no redirects here
}

const tokenTimeout = 30 * time.Second

func (c *Config) token(ctx context.Context) (string, error) {
	if c.NewToken == nil {
		return c.Token, nil
	}
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	token, err := c.NewToken(ctx)
	if err == nil && token == "" {
		err = errNoToken
	}
	if err != nil {
		return "", &TokenError{err}
	}
	return token, nil
}

// hello is the first message of a connection. A watcher has no activity.
func (c *Config) hello(token, activity string) request {
	if c.Device == "" {
		activity = ""
	}
	return request{Type: "hello", Token: token, DeviceID: c.Device, Activity: activity}
}

func (c *Config) activity() string { return cmp.Or(c.Activity, Online) }

// base parses the address of a server.
func base(server string) (*url.URL, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("server %q is not an address such as http://127.0.0.1:8080", server)
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return u, nil
}

// endpoint is the address of a server's WebSocket.
func endpoint(server string) (string, error) {
	u, err := base(server)
	if err != nil {
		return "", err
	}
	u.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
	u.Path += "/v1/ws"
	return u.String(), nil
}
