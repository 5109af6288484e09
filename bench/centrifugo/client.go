package centrifugo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/load"
)

// client is a connection that is subscribed to a channel.
type client struct{ line *load.Line }

// What is sent and read of the protocol: JSON, a message a line.
var (
	pingMark   = []byte("{}") // and the answer to it
	joinedMark = []byte(`{"id":2,"subscribe"`)
	errorMark  = []byte(`"error":{`)
	pushMark   = []byte(`"pub":{`)
)

const joinPatience = time.Minute

// join connects and subscribes. Both commands are in one frame, which costs the server least.
func join(ctx context.Context, addr, channel string) (*client, error) {
	ctx, cancel := context.WithTimeout(ctx, joinPatience)
	defer cancel()
	line, err := load.Dial(ctx, addr, "/connection/websocket")
	if err != nil {
		return nil, err
	}
	c := &client{line}
	if err := c.greet(channel); err != nil {
		line.Close()
		return nil, err
	}
	line.Keep()
	return c, nil
}

func (c *client) greet(channel string) error {
	err := c.line.Send([]byte(`{"id":1,"connect":{}}` + "\n" + `{"id":2,"subscribe":{"channel":"` + channel + `"}}`))
	for err == nil {
		var text []byte
		if text, err = c.line.Receive(); err != nil {
			break
		}
		if bytes.Contains(text, errorMark) {
			return fmt.Errorf("centrifugo: %s", text)
		}
		if bytes.Contains(text, joinedMark) {
			return nil
		}
	}
	return fmt.Errorf("centrifugo: joining: %w", err)
}

// errLeft means that the server ended a connection.
var errLeft = errors.New("centrifugo: the server ended a connection")

// read answers pings, and has heard count what is published, until the connection ends.
func (c *client) read(heard func(n int)) error {
	for {
		text, err := c.line.Receive()
		if err != nil {
			return fmt.Errorf("%w: %w", errLeft, err)
		}
		if n := bytes.Count(text, pushMark); n > 0 {
			heard(n)
		}
		for message := range bytes.Lines(text) {
			if bytes.Equal(bytes.TrimSpace(message), pingMark) {
				if err := c.line.Send(pingMark); err != nil {
					return fmt.Errorf("%w: %w", errLeft, err)
				}
			}
		}
	}
}
