package presence

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/coder/websocket"
)

// Close codes of the server, see docs/api.md.
const (
	CodeGoodbye      = 1000
	CodeLeaving      = 1001
	CodeTooLarge     = 1009
	CodeUnauthorized = 4001
	CodeTokenExpired = 4002
	CodeHelloTimeout = 4003
	CodeBadMessage   = 4004
	CodeSlowConsumer = 4005
	CodeReplaced     = 4006
	CodeRateLimited  = 4008
)

// Closed is the error of a connection that the server ended.
type Closed struct {
	Code   int
	Reason string // in the server's words; may be empty
}

var closedBecause = map[int]string{
	CodeGoodbye:      "the device was signed out",
	CodeLeaving:      "the node is leaving",
	CodeTooLarge:     "a frame was too large",
	CodeUnauthorized: "unauthorized",
	CodeTokenExpired: "the token has expired",
	CodeHelloTimeout: "no hello in time",
	CodeBadMessage:   "bad message",
	CodeSlowConsumer: "too slow to read",
	CodeReplaced:     "the same device connected elsewhere",
	CodeRateLimited:  "rate limited",
}

func (c *Closed) Error() string {
	text := cmp.Or(closedBecause[c.Code], "connection closed")
	if c.Reason == "" {
		return fmt.Sprintf("%s (close code %d)", text, c.Code)
	}
	return fmt.Sprintf("%s: %s (close code %d)", text, c.Reason, c.Code)
}

// closed turns a close frame into a *Closed and leaves other errors alone.
func closed(err error) error {
	if c, ok := errors.AsType[websocket.CloseError](err); ok {
		return &Closed{Code: int(c.Code), Reason: c.Reason}
	}
	return err
}
