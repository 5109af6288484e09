package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// badIDs are what no participant and no device can be called.
var badIDs = map[string]string{
	"empty":                 "",
	"space":                 "a b",
	"tab":                   "a\tb",
	"newline":               "a\n",
	"nul":                   "a\x00b",
	"delete":                "a\x7f",
	"C1 control":            "a\u0080b",
	"next line":             "a\u0085",
	"no-break space":        "a\u00a0b",
	"ogham space":           "\u1680a",
	"em space":              "a\u2003b",
	"line separator":        "a\u2028",
	"paragraph separator":   "a\u2029",
	"narrow no-break space": "a\u202fb",
	"mathematical space":    "a\u205fb",
	"ideographic space":     "\u3000",
	"comma":                 "a,b",
}

// goodIDs look odd and are allowed.
var goodIDs = map[string]string{
	"slash":            "a/b",
	"double slash":     "a//b",
	"leading slash":    "/a",
	"dot":              ".",
	"dots":             "..",
	"dots in a path":   "a/../b",
	"question mark":    "a?b",
	"hash":             "a#b",
	"percent":          "a%2Cb",
	"plus":             "a+b",
	"ampersand":        "a&ids=b",
	"quotes":           `a"b'c\d`,
	"markup":           "<b>&amp;",
	"emoji":            "👩‍💻",
	"zero-width space": "a\u200bb",
	"proto":            "__proto__",
	"Me":               "Me",
	"replacement":      "\ufffd",
}

// escapeAll escapes every byte, so that no path cleaning sees a dot or slash.
func escapeAll(id string) string {
	var b strings.Builder
	for _, c := range []byte(id) {
		b.WriteString("%" + string("0123456789ABCDEF"[c>>4]) + string("0123456789ABCDEF"[c&15]))
	}
	return b.String()
}

func TestParticipantIDs(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	long, multi := strings.Repeat("x", 128), strings.Repeat("é", 64)
	ask := func(t *testing.T, id string) reply {
		return s.as(service).do(t, "POST", "/v1/presence/query", obj{"ids": []string{"ok", id}})
	}
	for name, id := range badIDs {
		t.Run(name, func(t *testing.T) {
			ask(t, id).problem(t, 400, "invalid_id")
			if name != "comma" && name != "empty" {
				s.as(service).get(t, "/v1/presence?ids=ok,"+url.QueryEscape(id)).problem(t, 400, "invalid_id")
			}
			if name != "empty" {
				s.as(service).get(t, "/v1/presence/"+escapeAll(id)).problem(t, 400, "invalid_id")
			}
		})
	}
	for name, id := range map[string]string{"129 bytes": long + "x", "multi-byte": multi + "x", "me": "me"} {
		t.Run(name, func(t *testing.T) { ask(t, id).problem(t, 400, "invalid_id") })
	}
	t.Run("invalid UTF-8", func(t *testing.T) {
		s.as(service).get(t, "/v1/presence?ids=a%ff").problem(t, 400, "invalid_id")
		s.as(service).get(t, "/v1/presence/a%ff").problem(t, 400, "invalid_id")
	})
	good := map[string]string{"128 bytes": long, "128 bytes of é": multi}
	for name, id := range goodIDs {
		good[name] = id
	}
	for name, id := range good {
		t.Run(name, func(t *testing.T) { wholeStory(t, s, id, "phone") })
	}
}

// wholeStory takes an odd participant or device through every call that has
// ids in its path.
func wholeStory(t *testing.T, s *server, id, device string) {
	t.Helper()
	srv := s.as(service)
	one := "/v1/presence/" + escapeAll(id)
	srv.do(t, "PUT", one+"/devices/"+escapeAll(device), obj{"activity": "idle"}).want(t, 204)
	srv.wantState(t, id, "idle")
	srv.do(t, "PUT", one+"/override", obj{"override": "busy"}).want(t, 204)
	var v view
	srv.get(t, one).want(t, 200).into(t, &v)
	if v.ParticipantID != id || v.State != "busy" || len(v.Devices) != 1 || v.Devices[0].DeviceID != device {
		t.Errorf("%q: %+v", id, v)
	}
	srv.do(t, "DELETE", one+"/override", nil).want(t, 204)
	srv.do(t, "DELETE", one+"/devices/"+escapeAll(device), nil).want(t, 204)
	srv.wantState(t, id, "offline")
}

func TestDeviceIDs(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	put := func(t *testing.T, device string) reply {
		return ann.do(t, "PUT", "/v1/presence/me/devices/"+escapeAll(device), obj{"activity": "online"})
	}
	bad := map[string]string{"65 bytes": strings.Repeat("d", 65), "multi-byte": strings.Repeat("é", 32) + "x"}
	for name, id := range badIDs {
		if name != "empty" {
			bad[name] = id
		}
	}
	for name, id := range bad {
		t.Run(name, func(t *testing.T) {
			put(t, id).problem(t, 400, "invalid_id")
			w := ann.mute(t)
			w.refused(t, "invalid_id", ann.helloMessage(obj{"device_id": id}))
		})
	}
	good := map[string]string{"64 bytes": strings.Repeat("d", 64), "64 bytes of é": strings.Repeat("é", 32)}
	for name, id := range goodIDs {
		good[name] = id
	}
	for name, id := range good {
		t.Run(name, func(t *testing.T) { wholeStory(t, s, who("ann"), id) })
	}
}

// TestMe: the token's own id stands behind "me" in a path.
func TestMe(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	ann.beat(t, "phone", "idle")
	if v := ann.view(t, "me"); v.ParticipantID != ann.token || v.State != "idle" {
		t.Errorf("me is %+v", v)
	}
	ann.wantState(t, ann.token, "idle")
	s.as("me").get(t, "/v1/presence?ids=a").problem(t, 401, "unauthorized")
}
