package dial

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// request is a client message; empty fields are left out.
type request struct {
	Type     string   `json:"type"`
	Token    string   `json:"token,omitzero"`
	DeviceID string   `json:"device_id,omitzero"`
	Activity string   `json:"activity,omitzero"`
	Override string   `json:"override,omitzero"`
	IDs      []string `json:"ids,omitzero"`
}

// reply is any server message. Fields it doesn't know are ignored, so that a newer server can be talked to.
type reply struct {
	Type                string            `json:"type"`
	ParticipantID       string            `json:"participant_id"`
	DeviceID            string            `json:"device_id"`
	HeartbeatIntervalMS int64             `json:"heartbeat_interval_ms"`
	Node                string            `json:"node"`
	States              map[string]string `json:"states"`
	State               string            `json:"state"`
	Override            string            `json:"override"`
	Code                string            `json:"code"`
	Message             string            `json:"message"`
	AfterMS             int64             `json:"after_ms"`
}

// decode gives the event of a frame, or nil for a message that reports nothing: an `ok`, or a type of a newer server.
func decode(frame []byte) (Event, error) {
	var r reply
	if err := json.Unmarshal(frame, &r); err != nil {
		return nil, fmt.Errorf("the server sent something that is not a message of presence.v1: %w", err)
	}
	switch r.Type {
	case "welcome":
		return Welcome{r.ParticipantID, r.DeviceID, r.Node, milliseconds(r.HeartbeatIntervalMS)}, nil
	case "presence":
		return Presence{r.States}, nil
	case "self":
		return Self{r.State, r.Override}, nil
	case "error":
		return Failure{r.Code, r.Message}, nil
	case "reconnect":
		return Reconnect{milliseconds(r.AfterMS)}, nil
	default:
		return nil, nil
	}
}

// longestMS keeps a nonsensical number from overflowing a Duration.
const longestMS = int64(24 * time.Hour / time.Millisecond)

func milliseconds(ms int64) time.Duration {
	return time.Duration(min(max(ms, 0), longestMS)) * time.Millisecond
}
