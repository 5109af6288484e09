package presence

import (
	"context"
	"net/http"
	"time"
)

// Record is what is known of one participant. What follows Status comes for oneself and to
// administrators.
type Record struct {
	Participant   string     `json:"participant_id"`
	State         string     `json:"state"`
	LastSeen      *time.Time `json:"last_seen"` // nil: never, or forgotten
	Status        *Status    `json:"status"`    // nil: none
	Override      string     `json:"override"`  // Auto when none
	OverrideUntil time.Time  `json:"override_expires_at"`
	Busy          []Claim    `json:"busy"`
	Devices       []Device   `json:"devices"`
}

// Claim is a reason to be busy.
type Claim struct {
	Source string    `json:"source"`
	Until  time.Time `json:"expires_at"`
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

// override is a pick as it is sent.
type override struct {
	Override string `json:"override"`
	given
}

// SetOverride picks Busy, AppearOffline or Auto for a participant, and returns once two nodes hold
// it. After an end it is Auto.
func (a API) SetOverride(ctx context.Context, participant, pick string, end ...End) (err error) {
	path := presenceOf(participant, "/override")
	if pick == Auto && len(end) == 0 {
		_, err = a.Call(ctx, http.MethodDelete, path, nil)
		return err
	}
	_, err = a.Call(ctx, http.MethodPut, path, override{pick, first(end).given(0)})
	return err
}

// SignOut ends a device, which others see at once, and closes its socket.
func (a API) SignOut(ctx context.Context, participant, device string) error {
	path := "/v1/presence/" + PathSegment(participant) + "/devices/" + PathSegment(device)
	_, err := a.Call(ctx, http.MethodDelete, path, nil)
	return err
}

// Register makes a participant an AI (kind "model" or "helper"), or one that is "human" again. Of
// an AI it may say the availability: "always", or "heartbeat", with which its devices make its
// state. Otherwise that stays as it was.
func (a API) Register(ctx context.Context, participant, kind string, availability ...string) error {
	path := "/v1/participants/" + PathSegment(participant)
	body := map[string]string{"kind": kind}
	if len(availability) > 0 {
		body["availability"] = availability[0]
	}
	_, err := a.Call(ctx, http.MethodPut, path, body)
	return err
}

// Forget erases all that is held of a participant, on all nodes and their disks.
func (a API) Forget(ctx context.Context, participant string) error {
	_, err := a.Call(ctx, http.MethodDelete, "/v1/participants/"+PathSegment(participant), nil)
	return err
}
