package e2e

import (
	"testing"
	"time"
)

// states is the answer to a batch fetch.
func (r reply) states(t testing.TB) map[string]string {
	t.Helper()
	var out map[string]string
	r.want(t, 200).into(t, &out)
	return out
}

// state asks for one id, as the caller sees it.
func (c caller) state(t testing.TB, id string) string {
	t.Helper()
	got := c.get(t, "/v1/presence?"+idsQuery(id)).states(t)
	if len(got) != 1 || got[id] == "" {
		t.Fatalf("asked for %q, got %v", id, got)
	}
	return got[id]
}

func (c caller) wantState(t testing.TB, id, want string) {
	t.Helper()
	if got := c.state(t, id); got != want {
		t.Fatalf("%s sees %s as %s, want %s", c.token, id, got, want)
	}
}

// view is one participant in detail.
type view struct {
	ParticipantID string     `json:"participant_id"`
	State         string     `json:"state"`
	LastSeen      *time.Time `json:"last_seen"`
	Status        *status    `json:"status"`
	Override      string     `json:"override"`
	OverrideUntil *time.Time `json:"override_expires_at"`
	Busy          []struct {
		Source string    `json:"source"`
		Until  time.Time `json:"expires_at"`
	} `json:"busy"`
	Devices []struct {
		DeviceID string    `json:"device_id"`
		Activity string    `json:"activity"`
		LastSeen time.Time `json:"last_seen"`
	} `json:"devices"`
}

// status is what a participant says of itself.
type status struct {
	Text  string     `json:"text"`
	Emoji string     `json:"emoji"`
	Until *time.Time `json:"expires_at"`
}

func (c caller) view(t testing.TB, id string) view {
	t.Helper()
	var v view
	c.get(t, participantPath(id)).want(t, 200).into(t, &v)
	return v
}

// batch is the answer to a list of heartbeats or direct messages.
type batch struct {
	Accepted int `json:"accepted"`
	Rejected []struct {
		Index   int    `json:"index"`
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"rejected"`
}

func (r reply) batch(t testing.TB) batch {
	t.Helper()
	var b batch
	r.want(t, 200).into(t, &b)
	return b
}
