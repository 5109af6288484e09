package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, srv, nobody := s.as(who("ann")), s.as(service), s.as("")
	for _, tc := range []struct {
		name, method, path string
		c                  caller
		body               any
		status             int
		code               string
	}{
		{"no token", "GET", "/v1/presence?ids=a", nobody, nil, 401, "unauthorized"},
		{"no token, one", "GET", "/v1/presence/me", nobody, nil, 401, "unauthorized"},
		{"no token, query", "POST", "/v1/presence/query", nobody, obj{"ids": []string{"a"}}, 401, "unauthorized"},
		{"no token, events", "GET", "/v1/events?ids=a", nobody, nil, 401, "unauthorized"},
		{"no token, write", "PUT", "/v1/presence/me/devices/a", nobody, obj{"activity": "online"}, 401, "unauthorized"},
		{"no token, batch", "POST", "/v1/heartbeats", nobody, obj{"heartbeats": []any{}}, 401, "unauthorized"},
		{"no token, cluster", "GET", "/v1/cluster", nobody, nil, 401, "unauthorized"},
		{"a token that is no id", "GET", "/v1/presence?ids=a", s.as("a,b"), nil, 401, "unauthorized"},
		{"cluster", "GET", "/v1/cluster", ann, nil, 403, "forbidden"},
		{"unknown path", "GET", "/v1/nothing", ann, nil, 404, "not_found"},
		{"unknown path below a participant", "GET", "/v1/presence/a/nothing", ann, nil, 404, "not_found"},
		{"unknown version", "GET", "/v2/presence", ann, nil, 404, "not_found"},
		{"POST presence", "POST", "/v1/presence", ann, obj{}, 405, "method_not_allowed"},
		{"GET query", "GET", "/v1/presence/query/", ann, nil, 404, "not_found"},
		{"GET device", "GET", "/v1/presence/me/devices/a", ann, nil, 405, "method_not_allowed"},
		{"POST override", "POST", "/v1/presence/me/override", ann, obj{"override": "busy"}, 405, "method_not_allowed"},
		{"GET heartbeats", "GET", "/v1/heartbeats", srv, nil, 405, "method_not_allowed"},
		{"DELETE cluster", "DELETE", "/v1/cluster", srv, nil, 405, "method_not_allowed"},
		{"POST events", "POST", "/v1/events", ann, obj{}, 405, "method_not_allowed"},
		{
			"too large", "POST", "/v1/presence/query", ann, strings.Repeat(" ", 4<<20) + `{"ids":["a"]}`, 413,
			"too_large",
		},
		{
			"too large, garbage", "POST", "/v1/heartbeats", srv, `{"heartbeats":"` + strings.Repeat("x", 4<<20) + `"}`,
			413, "too_large",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.c.do(t, tc.method, tc.path, tc.body).problem(t, tc.status, tc.code)
		})
	}
	padded := `{"ids":["a"]}`
	padded += strings.Repeat(" ", 4<<20-len(padded))
	ann.do(t, "POST", "/v1/presence/query", padded).want(t, 200)
}

// TestBodyWithoutLength: a chunked body is counted as it comes.
func TestBodyWithoutLength(t *testing.T) {
	t.Parallel()
	c := calm.get(t).as(who("ann"))
	for size, status := range map[int]int{4 << 20: 200, 4<<20 + 1: 413} {
		body := `{"ids":["a"]}`
		body += strings.Repeat(" ", size-len(body))
		req := c.request(t, "POST", "/v1/presence/query", body)
		req.ContentLength, req.GetBody = -1, nil
		c.send(t, req).want(t, status)
	}
}

// TestProblemHeaders: what HTTP itself asks of some of the errors.
func TestProblemHeaders(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	if r := s.as("").get(t, "/v1/presence?ids=a").want(t, 401); r.header.Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate")
	}
	r := s.as(who("ann")).do(t, "PATCH", "/v1/presence/me/override", obj{}).want(t, 405)
	for _, method := range []string{"PUT", "DELETE"} {
		if !strings.Contains(r.header.Get("Allow"), method) {
			t.Errorf("405 without %s in Allow: %q", method, r.header.Get("Allow"))
		}
	}
}

func TestUnsupportedMediaType(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	for contentType, status := range map[string]int{
		"text/plain":                        415,
		"application/x-www-form-urlencoded": 415,
		"application/xml":                   415,
		"":                                  0,
		"application/json":                  200,
		"application/json; charset=utf-8":   200,
		"Application/JSON":                  200,
	} {
		req := ann.request(t, "POST", "/v1/presence/query", `{"ids":["a"]}`)
		req.Header.Set("Content-Type", contentType)
		r := ann.send(t, req)
		switch status {
		case 200:
			r.want(t, 200)
		case 415:
			r.problem(t, 415, "unsupported_media_type")
		default:
			if r.status != 200 && r.status != 415 {
				t.Errorf("without a content type: %d", r.status)
			}
		}
	}
}

// TestStrictBodies: what isn't exactly what the contract names is refused, and
// changes nothing.
func TestStrictBodies(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	srv, ann := s.as(service), who("ann")
	beat := `{"participant_id":"` + ann + `","device_id":"d","activity":"online"`
	dm := `{"participants":["` + ann + `","x"]`
	for _, tc := range []struct{ method, path, body string }{
		{"POST", "/v1/presence/query", `{"ids":["a"],"more":1}`},
		{"POST", "/v1/presence/query", `{"IDs":["a"]}`},
		{"POST", "/v1/presence/query", `{"ids":["a"],"Viewer":"b"}`},
		{"POST", "/v1/presence/query", `{"ids":["a"],"ids":["b"]}`},
		{"POST", "/v1/presence/query", `{"ids":["a"]}{}`},
		{"POST", "/v1/presence/query", `{"ids":["a"]} x`},
		{"POST", "/v1/presence/query", `{"ids":"a"}`},
		{"POST", "/v1/presence/query", `{"ids":{"a":1}}`},
		{"POST", "/v1/presence/query", `{"ids":[1]}`},
		{"POST", "/v1/presence/query", `{"ids":[null]}`},
		{"POST", "/v1/presence/query", `{"ids":["a"],"viewer":7}`},
		{"POST", "/v1/presence/query", `["a"]`},
		{"POST", "/v1/presence/query", `null`},
		{"POST", "/v1/presence/query", `{"ids":["a"`},
		{"POST", "/v1/presence/query", ``},
		{"POST", "/v1/presence/query", `ids=a`},
		{"POST", "/v1/presence/query", `{"ids":` + strings.Repeat("[", 1<<20)},
		{"PUT", devicePath(ann, "d"), `{"activity":"online","extra":true}`},
		{"PUT", participantPath(ann) + "/override", `{"override":"busy","until":"tomorrow"}`},
		{"PUT", "/v1/participants/" + ann, `{"kind":"model","name":"x"}`},
		{"POST", "/v1/heartbeats", `{"heartbeats":[` + beat + `}],"extra":1}`},
		{"POST", "/v1/heartbeats", `{"heartbeats":[` + beat + `,"extra":1}]}`},
		{"POST", "/v1/heartbeats", `{"heartbeats":[` + beat + `},` + beat + `,"last_seen":"now"}]}`},
		{"POST", "/v1/heartbeats", `{"heartbeats":` + beat + `}}`},
		{"POST", "/v1/heartbeats", `{}`},
		{"POST", "/v1/direct-messages", `{"direct_messages":[` + dm + `,"text":"hi"}]}`},
		{"POST", "/v1/direct-messages", `{"direct_messages":[` + dm + `}],"more":1}`},
		{"POST", "/v1/direct-messages", `{}`},
	} {
		srv.do(t, tc.method, tc.path, tc.body).problem(t, 400, "bad_request")
	}
	r := srv.do(t, "POST", "/v1/presence/query", "{\"ids\":[\"a\xff\"]}")
	if r.status != 400 {
		t.Errorf("invalid UTF-8: %d %s", r.status, r.body)
	}
	if v := srv.view(t, ann); v.State != "offline" || v.LastSeen != nil || v.Override != "auto" {
		t.Errorf("refused requests left %+v", v)
	}
}

func TestParticipantRate(t *testing.T) {
	t.Parallel()
	s := start(t, "--participant-rate=1")
	ann := s.as("ann")
	limited, begun := 0, time.Now()
	for range 12 {
		r := ann.get(t, "/v1/presence?ids=a")
		if r.status == http.StatusOK {
			continue
		}
		limited++
		r.problem(t, 429, "rate_limited")
		if after, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || after < 1 || after > 60 {
			t.Errorf("Retry-After: %q", r.header.Get("Retry-After"))
		}
	}
	took := time.Since(begun) // one more is free each second
	if limited < 7-int(took/time.Second) || limited > 8 {
		t.Errorf("%d of 12 requests in %v were refused; a rate of 1 has a burst of 4", limited, took)
	}
	s.as("bob").wantState(t, "a", "offline")
	for range 40 {
		s.as(service).wantState(t, "a", "offline")
	}
	eventually(t, "ann may ask again", func() bool { return ann.get(t, "/v1/presence?ids=a").status == 200 })
}
