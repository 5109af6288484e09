package presence

import (
	"context"
	"net/http"
	"time"
)

// Record is what is known of one participant. Override and Devices come for oneself and to
// administrators.
type Record struct {
	Participant string     `json:"participant_id"`
	State       string     `json:"state"`
	LastSeen    *time.Time `json:"last_seen"` // nil: never, or forgotten
	Override    string     `json:"override"`  // Auto when none
	Devices     []Device   `json:"devices"`
}

// Device is one of a participant's devices.
type Device struct {
	ID       string     `json:"device_id"`
	Activity string     `json:"activity"`
	LastSeen *time.Time `json:"last_seen"`
}

// Record asks for one participant; "me" is the token's own.
func (a API) Record(ctx context.Context, participant string) (r Record, err error) {
	answer, err := a.Call(ctx, http.MethodGet, "/v1/presence/"+PathSegment(participant), nil)
	if err != nil {
		return r, err
	}
	return r, answer.Decode(&r)
}

// SetOverride picks Busy, AppearOffline or Auto for a participant, and returns once two nodes hold
// it.
func (a API) SetOverride(ctx context.Context, participant, override string) (err error) {
	path := "/v1/presence/" + PathSegment(participant) + "/override"
	if override == Auto {
		_, err = a.Call(ctx, http.MethodDelete, path, nil)
		return err
	}
	_, err = a.Call(ctx, http.MethodPut, path, map[string]string{"override": override})
	return err
}

// SignOut ends a device, which others see at once, and closes its socket.
func (a API) SignOut(ctx context.Context, participant, device string) error {
	path := "/v1/presence/" + PathSegment(participant) + "/devices/" + PathSegment(device)
	_, err := a.Call(ctx, http.MethodDelete, path, nil)
	return err
}

// Register makes a participant an AI (kind "model" or "helper"), or one that is "human" again.
func (a API) Register(ctx context.Context, participant, kind string) error {
	path := "/v1/participants/" + PathSegment(participant)
	_, err := a.Call(ctx, http.MethodPut, path, map[string]string{"kind": kind})
	return err
}

// Forget erases all that is held of a participant, on all nodes and their disks.
func (a API) Forget(ctx context.Context, participant string) error {
	_, err := a.Call(ctx, http.MethodDelete, "/v1/participants/"+PathSegment(participant), nil)
	return err
}
