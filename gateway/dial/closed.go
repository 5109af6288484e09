package dial

import (
	"errors"
	"fmt"

	"github.com/coder/websocket"
)

// Close codes of API.md that this package acts on.
const (
	CodeGoodbye      = 1000
	CodeLeaving      = 1001
	CodeUnauthorized = 4001
	CodeTokenExpired = 4002
	CodeBadMessage   = 4004
	CodeReplaced     = 4006
)

// Closed says that the server ended the connection.
type Closed struct {
	Code   int
	Reason string
}

var closedBecause = map[int]string{
	CodeGoodbye:      "the device was signed out",
	CodeLeaving:      "the node is leaving",
	1009:             "a frame was too large",
	CodeUnauthorized: "unauthorized",
	CodeTokenExpired: "the token has expired",
	4003:             "no hello in time",
	CodeBadMessage:   "bad message",
	4005:             "too slow to read",
	CodeReplaced:     "the same device connected elsewhere",
	4008:             "rate limited",
}

func (c *Closed) Error() string {
	text := closedBecause[c.Code]
	if text == "" {
		text = "connection closed"
	}
	if c.Reason == "" {
		return fmt.Sprintf("%s (close code %d)", text, c.Code)
	}
	return fmt.Sprintf("%s: %s (close code %d)", text, c.Reason, c.Code)
}

// closed turns a close frame into a *Closed and leaves other errors alone.
func closed(err error) error {
	var c websocket.CloseError
	if errors.As(err, &c) {
		return &Closed{Code: int(c.Code), Reason: c.Reason}
	}
	return err
}

// final says whether trying again is pointless: the codes that mean "do not reconnect", a sign-out, and a hello whose
// words will not become right by themselves.
func final(err error) bool {
	var c *Closed
	if errors.As(err, &c) {
		switch c.Code {
		case CodeGoodbye, CodeUnauthorized, CodeTokenExpired, CodeBadMessage, CodeReplaced:
			return true
		}
	}
	var f Failure
	return errors.As(err, &f) && f.Code != "unavailable" && f.Code != "rate_limited" && f.Code != "too_many_devices"
}
