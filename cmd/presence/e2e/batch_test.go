package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestHeartbeatBatch(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	srv := s.as(service)
	ann, bob := who("ann"), who("bob")
	r := srv.do(t, "POST", "/v1/heartbeats", obj{"heartbeats": []any{
		obj{"participant_id": ann, "device_id": "a", "activity": "online"},
		obj{"participant_id": "not an id", "device_id": "a", "activity": "online"},
		obj{"participant_id": bob, "device_id": "", "activity": "online"},
		obj{"participant_id": bob, "device_id": "b", "activity": "sleepy"},
		obj{"participant_id": bob, "device_id": "b", "activity": "idle"},
		obj{"participant_id": ann, "device_id": "a", "activity": "online"},
		obj{"participant_id": "me", "device_id": "b", "activity": "idle"},
	}}).batch(t)
	got := map[int]string{}
	for _, item := range r.Rejected {
		got[item.Index] = item.Code
		if item.Message == "" {
			t.Errorf("item %d has no message", item.Index)
		}
	}
	want := map[int]string{1: "invalid_id", 2: "invalid_id", 3: "bad_request", 6: "invalid_id"}
	if fmt.Sprint(got) != fmt.Sprint(want) || r.Accepted != 3 {
		t.Errorf("accepted %d, rejected %v, want 3 and %v", r.Accepted, got, want)
	}
	srv.wantState(t, ann, "online")
	srv.wantState(t, bob, "idle")
}

// TestRejectedIsAList: also when it is empty.
func TestRejectedIsAList(t *testing.T) {
	t.Parallel()
	srv := calm.get(t).as(service)
	for path, body := range map[string]obj{
		"/v1/heartbeats": {"heartbeats": []any{obj{
			"participant_id": who("ann"), "device_id": "a",
			"activity": "online",
		}}},
		"/v1/direct-messages": {"direct_messages": []any{obj{"participants": []string{who("ann"), who("bob")}}}},
	} {
		if r := srv.do(t, "POST", path, body).want(t, 200); r.body != `{"accepted":1,"rejected":[]}` &&
			r.body != "{\"accepted\":1,\"rejected\":[]}\n" {
			t.Errorf("%s: %q", path, r.body)
		}
	}
}

func TestBatchLimits(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	srv := s.as(service)
	ann := who("ann")
	beats := slices.Repeat([]any{obj{"participant_id": ann, "device_id": "d", "activity": "idle"}}, 10_001)
	messages := slices.Repeat([]any{obj{"participants": []string{ann, who("bob")}}}, 10_001)
	for path, items := range map[string][]any{"heartbeats": beats, "direct-messages": messages} {
		field := map[string]string{"heartbeats": "heartbeats", "direct-messages": "direct_messages"}[path]
		srv.do(t, "POST", "/v1/"+path, obj{field: items}).problem(t, 400, "too_many_items")
		s.acceptAll(t, path, field, items[1:])
	}
	srv.wantState(t, ann, "idle")
}

func TestDirectMessageBatch(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, _ := invisible(t, s)
	x, y := s.as(who("x")), s.as(who("y"))
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339Nano) }
	pair := func(ids ...string) obj { return obj{"participants": ids} }
	r := s.as(service).do(t, "POST", "/v1/direct-messages", obj{"direct_messages": []any{
		pair(ann.token, x.token),
		pair(ann.token, ann.token),
		pair(ann.token),
		pair(ann.token, x.token, y.token),
		pair(ann.token, "no id"),
		obj{"participants": []string{ann.token, y.token}, "at": at(time.Minute)},
		obj{"participants": []string{ann.token, x.token}, "at": at(2 * time.Second)},
		pair(ann.token, "me"),
	}}).batch(t)
	got := map[int]string{}
	for _, item := range r.Rejected {
		got[item.Index] = item.Code
	}
	want := map[int]string{
		1: "bad_request", 2: "bad_request", 3: "bad_request", 4: "invalid_id", 5: "bad_request", 7: "invalid_id",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || r.Accepted != 2 {
		t.Errorf("accepted %d, rejected %v, want 2 and %v", r.Accepted, got, want)
	}
	x.wantState(t, ann.token, "online")
	y.wantState(t, ann.token, "offline")
}
