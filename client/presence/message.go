package presence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// request is a client message; empty fields are left out.
type request struct {
	Type     string   `json:"type"`
	Req      string   `json:"req,omitempty"`
	Token    string   `json:"token,omitempty"`
	DeviceID string   `json:"device_id,omitempty"`
	Activity string   `json:"activity,omitempty"`
	Override string   `json:"override,omitempty"`
	IDs      []string `json:"ids,omitempty"`
	With     []string `json:"with,omitempty"`
	Status   any      `json:"status,omitempty"`
	given
}

// encode returns JSON in which <, > and & stand as they are: escaped, a thousand ids of them would
// not fit into a frame.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// reply is any server message. Fields it doesn't know are ignored, so that a newer server can be
// talked to.
type reply struct {
	Type                string   `json:"type"`
	Req                 string   `json:"req"`
	ParticipantID       string   `json:"participant_id"`
	DeviceID            string   `json:"device_id"`
	HeartbeatIntervalMS int64    `json:"heartbeat_interval_ms"`
	Features            []string `json:"features"`
	Node                string   `json:"node"`
	States              States   `json:"states"`
	State               string   `json:"state"`
	Override            string   `json:"override"`

	Statuses      map[string]*Status `json:"statuses"`
	Status        *Status            `json:"status"`
	OverrideUntil time.Time          `json:"override_expires_at"`
	Busy          []string           `json:"busy"`

	Code    string `json:"code"`
	Message string `json:"message"`
	AfterMS int64  `json:"after_ms"`
}

// known are the types of messages. In others a field may mean something else.
var known = map[string]bool{
	"welcome": true, "presence": true, "self": true, "result": true, "ok": true, "error": true, "reconnect": true,
}

func decode(frame []byte) (*reply, error) {
	var r reply
	err := json.Unmarshal(frame, &r)
	if _, shaped := errors.AsType[*json.UnmarshalTypeError](err); shaped && r.Type != "" && !known[r.Type] {
		return &reply{Type: r.Type}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the server sent something that is not a message of presence.v1: %w", err)
	}
	return &r, nil
}

func (r *reply) welcome() Welcome {
	return Welcome{r.ParticipantID, r.DeviceID, r.Node, milliseconds(r.HeartbeatIntervalMS), r.Features}
}

func (r *reply) self() Self { return Self{r.State, r.Override, r.OverrideUntil, r.Status, r.Busy} }

// refusal returns the error that r is, or nil.
func (r *reply) refusal() *Error {
	if r.Type != "error" {
		return nil
	}
	return &Error{Code: r.Code, Message: r.Message}
}

// mayRepeat reports whether r refuses a request that may be sent again. Another refusal is an
// event, which is nil where nothing was refused.
func (r *reply) mayRepeat() (again bool, e Event) {
	switch refused := r.refusal(); {
	case refused == nil:
		return false, nil
	case !refused.Repeatable():
		return false, refused
	}
	return true, nil
}

// longestMS keeps a nonsensical number from overflowing a Duration.
const longestMS = int64(24 * time.Hour / time.Millisecond)

func milliseconds(ms int64) time.Duration {
	return time.Duration(min(max(ms, 0), longestMS)) * time.Millisecond
}
