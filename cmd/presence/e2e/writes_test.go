package e2e

import (
	"fmt"
	"testing"
)

// TestWhoMayWrite: a participant for itself, the service scope for anyone.
func TestWhoMayWrite(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := who("ann"), s.as(who("bob"))
	for _, call := range []struct {
		method, path string
		body         any
	}{
		{"PUT", devicePath(ann, "phone"), obj{"activity": "online"}},
		{"PUT", participantPath(ann) + "/override", obj{"override": "busy"}},
		{"DELETE", participantPath(ann) + "/override", nil},
		{"DELETE", devicePath(ann, "phone"), nil},
	} {
		bob.do(t, call.method, call.path, call.body).problem(t, 403, "forbidden")
		s.as(ann).do(t, call.method, call.path, call.body).want(t, 204)
		s.as(service).do(t, call.method, call.path, call.body).want(t, 204)
	}
	for path, body := range map[string]obj{
		"/v1/heartbeats": {"heartbeats": []any{obj{
			"participant_id": ann, "device_id": "phone",
			"activity": "online",
		}}},
		"/v1/direct-messages": {"direct_messages": []any{obj{"participants": []string{ann, "x"}}}},
	} {
		s.as(ann).do(t, "POST", path, body).problem(t, 403, "forbidden")
		s.as(service).do(t, "POST", path, body).want(t, 200)
	}
	s.as(ann).do(t, "PUT", "/v1/participants/"+ann, obj{"kind": "model"}).problem(t, 403, "forbidden")
	s.as(ann).do(t, "PUT", "/v1/participants/me", obj{"kind": "model"}).problem(t, 403, "forbidden")
}

func TestWriteValues(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	device, override, kind := devicePath("me", "phone"), "/v1/presence/me/override", "/v1/participants/"+ann.token
	for _, tc := range []struct{ path, body string }{
		{device, `{"activity":"busy"}`},
		{device, `{"activity":"Online"}`},
		{device, `{"activity":""}`},
		{device, `{"activity":null}`},
		{device, `{"activity":1}`},
		{device, `{}`},
		{device, ``},
		{override, `{"override":"online"}`},
		{override, `{"override":"offline"}`},
		{override, `{"override":""}`},
		{override, `{}`},
		{kind, `{"kind":"robot"}`},
		{kind, `{"kind":""}`},
		{kind, `{}`},
	} {
		c := ann
		if tc.path == kind {
			c = s.as(service)
		}
		c.do(t, "PUT", tc.path, tc.body).problem(t, 400, "bad_request")
	}
	if v := ann.view(t, "me"); v.State != "offline" || v.Override != "auto" {
		t.Errorf("refused writes left %+v", v)
	}
}

// TestReadYourWrites: after a 2xx, a query reflects the write.
func TestReadYourWrites(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	for i := range 20 {
		ann.beat(t, fmt.Sprint("d", i), "online")
		bob.wantState(t, ann.token, "online")
		ann.override(t, "busy")
		bob.wantState(t, ann.token, "busy")
		ann.override(t, "appear_offline")
		bob.wantState(t, ann.token, "offline")
		ann.override(t, "auto")
		bob.wantState(t, ann.token, "online")
		ann.signOut(t, fmt.Sprint("d", i))
		bob.wantState(t, ann.token, "offline")
	}
}

// TestTooManyDevices: 64 may live at once; a known one always may beat.
func TestTooManyDevices(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	for i := range 64 {
		ann.beat(t, fmt.Sprint("d", i), "idle")
	}
	ann.do(t, "PUT", devicePath("me", "d64"), obj{"activity": "online"}).problem(t, 400, "too_many_devices")
	w := ann.mute(t)
	w.refused(t, "too_many_devices", ann.helloMessage(obj{"device_id": "d65"}))
	r := s.as(service).do(t, "POST", "/v1/heartbeats", obj{"heartbeats": []any{
		obj{"participant_id": ann.token, "device_id": "d66", "activity": "online"},
		obj{"participant_id": ann.token, "device_id": "d0", "activity": "idle"},
	}}).batch(t)
	if r.Accepted != 1 || len(r.Rejected) != 1 || r.Rejected[0].Code != "too_many_devices" {
		t.Errorf("batch: %+v", r)
	}
	ann.wantState(t, ann.token, "idle")
	ann.beat(t, "d7", "online")
	ann.signOut(t, "d8")
	ann.beat(t, "d64", "online")
	if n := len(ann.view(t, "me").Devices); n != 64 {
		t.Errorf("%d devices", n)
	}
}

// TestDeleteSignsOutOneDevice: its socket closes, the others' stay.
func TestDeleteSignsOutOneDevice(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	phone, laptop := ann.connect(t, "phone"), ann.connect(t, "laptop")
	watcher := ann.connect(t, "")
	s.as(service).do(t, "DELETE", devicePath(ann.token, "phone"), nil).want(t, 204)
	phone.wantClose(t, 1000)
	laptop.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
	watcher.want(t, "result", obj{"type": "query", "ids": []string{ann.token}})
	s.as(service).do(t, "DELETE", devicePath(who("nobody"), "phone"), nil).want(t, 204)
}
