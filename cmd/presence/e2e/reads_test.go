package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func names(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return ids
}

func TestBatchFetch(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob, nobody := s.as(who("ann")), s.as(who("bob")), who("nobody")
	ann.beat(t, "phone", "online")
	bob.beat(t, "phone", "idle")
	want := fmt.Sprint(map[string]string{ann.token: "online", bob.token: "idle", nobody: "offline"})
	query := func(ids ...string) reply {
		return ann.do(t, "POST", "/v1/presence/query", obj{"ids": ids})
	}
	for name, r := range map[string]reply{
		"commas":           ann.get(t, "/v1/presence?"+idsQuery(ann.token, bob.token, nobody)),
		"escaped commas":   ann.get(t, "/v1/presence?ids="+url.QueryEscape(ann.token+","+bob.token+","+nobody)),
		"repeated":         ann.get(t, "/v1/presence?ids="+ann.token+"&ids="+bob.token+"&ids="+nobody),
		"both":             ann.get(t, "/v1/presence?ids="+ann.token+","+bob.token+"&ids="+nobody),
		"duplicates":       ann.get(t, "/v1/presence?"+idsQuery(ann.token, bob.token, ann.token, nobody, nobody)),
		"query":            query(ann.token, bob.token, nobody),
		"query duplicates": query(nobody, ann.token, bob.token, ann.token),
	} {
		if got := fmt.Sprint(r.states(t)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestBatchFetchLimits(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	c := s.as(who("ann"))
	get := func(ids []string) reply { return c.get(t, "/v1/presence?"+idsQuery(ids...)) }
	query := func(ids []string) reply { return c.do(t, "POST", "/v1/presence/query", obj{"ids": ids}) }
	for _, tc := range []struct {
		name  string
		ask   func([]string) reply
		limit int
	}{{"GET", get, 1000}, {"query", query, 10_000}} {
		ids := names("n", tc.limit)
		if got := tc.ask(ids).states(t); len(got) != tc.limit {
			t.Errorf("%s: %d states for %d ids", tc.name, len(got), tc.limit)
		}
		tc.ask(append(ids, "one-more")).problem(t, 400, "too_many_ids")
		tc.ask(slices.Repeat([]string{"a"}, tc.limit+1)).problem(t, 400, "too_many_ids")
	}
	c.get(t, "/v1/events?"+idsQuery(names("n", 1001)...)).problem(t, 400, "too_many_ids")
}

func TestMissingAndEmptyIDs(t *testing.T) {
	t.Parallel()
	c := calm.get(t).as(who("ann"))
	for _, path := range []string{"/v1/presence", "/v1/events"} {
		c.get(t, path).problem(t, 400, "bad_request")
		c.get(t, path+"?ids=").problem(t, 400, "bad_request")
		c.get(t, path+"?ids=a,,b").problem(t, 400, "invalid_id")
		c.get(t, path+"?ids=a,").problem(t, 400, "invalid_id")
		c.get(t, path+"?ids=a&ids=").problem(t, 400, "invalid_id")
	}
	for body, code := range map[string]string{
		`{}`: "bad_request", `{"ids":[]}`: "bad_request", `{"ids":null}`: "bad_request",
		`{"ids":[""]}`: "invalid_id", `{"ids":["a",""]}`: "invalid_id",
	} {
		c.do(t, "POST", "/v1/presence/query", body).problem(t, 400, code)
	}
}

// TestLongRequestLine: 1,000 long ids fit, escaped byte by byte; a line beyond
// 512 KiB doesn't.
func TestLongRequestLine(t *testing.T) {
	t.Parallel()
	c := calm.get(t).as(who("ann"))
	var escaped []string
	for i := range 1000 {
		id := fmt.Sprintf("%04d%s", i, strings.Repeat("x", 124))
		escaped = append(escaped, escapeAll(id[:60])+escapeAll(id[60:]))
	}
	path := "/v1/presence?ids=" + strings.Join(escaped, ",")
	if got := c.get(t, path).states(t); len(got) != 1000 {
		t.Errorf("%d states for a request line of %d bytes", len(got), len(path))
	}
	padding := 512<<10 - len("GET ") - len(path) - len(" HTTP/1.1\r\n")
	full := path + strings.Repeat("&", padding)
	if got := c.get(t, full).states(t); len(got) != 1000 {
		t.Errorf("%d states for a request line of 512 KiB", len(got))
	}
	if r := c.get(t, full+strings.Repeat("&", 8<<10)); r.status < 400 || r.status > 499 {
		t.Errorf("a request line of 520 KiB: %d", r.status)
	}
}

func TestOneParticipant(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	if r := bob.get(t, participantPath(ann.token)).want(t, 200); !strings.Contains(r.body, `"last_seen":null`) {
		t.Errorf("an id that has never been seen: %s", r.body)
	}
	ann.beat(t, "phone", "idle")
	ann.beat(t, "laptop", "online")
	ann.override(t, "busy")

	r := bob.get(t, participantPath(ann.token)).want(t, 200)
	if strings.Contains(r.body, "override") || strings.Contains(r.body, "devices") {
		t.Errorf("a stranger is told %s", r.body)
	}
	if v := bob.view(t, ann.token); v.State != "busy" || v.LastSeen == nil || v.ParticipantID != ann.token {
		t.Errorf("a stranger sees %+v", v)
	}
	for _, c := range []caller{ann, s.as(service)} {
		v := c.view(t, ann.token)
		activities := map[string]string{}
		for _, d := range v.Devices {
			activities[d.DeviceID] = d.Activity
			if d.LastSeen.IsZero() || d.LastSeen.After(*v.LastSeen) {
				t.Errorf("device %+v of a participant seen at %v", d, v.LastSeen)
			}
		}
		if fmt.Sprint(activities) != "map[laptop:online phone:idle]" || v.Override != "busy" || v.State != "busy" {
			t.Errorf("%s sees %+v", c.token, v)
		}
	}
	ann.override(t, "auto")
	if v := ann.view(t, "me"); v.Override != "auto" {
		t.Errorf("no override is %q, want auto", v.Override)
	}
	if r := ann.get(t, "/v1/presence/me").want(t, 200); !strings.Contains(r.body, `"devices":[`) {
		t.Errorf("no devices array in %s", r.body)
	}
	ann.signOut(t, "phone")
	ann.signOut(t, "laptop")
	if r := ann.get(t, "/v1/presence/me").want(t, 200); !strings.Contains(r.body, `"devices":[]`) {
		t.Errorf("no devices should be an empty array: %s", r.body)
	}
}

// TestViewerParameter: who may ask as whom, over every call that has it.
func TestViewerParameter(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, _ := invisible(t, s)
	friend, stranger, srv := s.as(who("friend")), s.as(who("stranger")), s.as(service)
	s.message(t, ann.token, friend.token)
	for viewer, want := range map[string]string{
		friend.token: "online", stranger.token: "offline", ann.token: "appear_offline",
	} {
		q := "viewer=" + url.QueryEscape(viewer)
		got := []string{
			srv.get(t, "/v1/presence?"+idsQuery(ann.token)+"&"+q).states(t)[ann.token],
			srv.do(t, "POST", "/v1/presence/query",
				obj{"ids": []string{ann.token}, "viewer": viewer}).states(t)[ann.token],
			srv.events(t, idsQuery(ann.token)+"&"+q).history(ann.token)[0],
		}
		var v view
		srv.get(t, participantPath(ann.token)+"?"+q).want(t, 200).into(t, &v)
		for _, state := range append(got, v.State) {
			if state != want {
				t.Errorf("as %s: %v and %s, want %s", viewer, got, v.State, want)
			}
		}
		if viewer != ann.token && (v.Override != "" || v.Devices != nil) {
			t.Errorf("an admin who asks as %s is told %+v", viewer, v)
		}
	}
	if got := srv.view(t, ann.token); got.State != "appear_offline" || len(got.Devices) != 1 {
		t.Errorf("an admin inspects %+v", got)
	}
	srv.wantState(t, ann.token, "offline")

	for _, viewer := range []string{friend.token, stranger.token} {
		q := "viewer=" + viewer
		stranger.get(t, "/v1/presence?"+idsQuery(ann.token)+"&"+q).problem(t, 403, "forbidden")
		stranger.get(t, participantPath(ann.token)+"?"+q).problem(t, 403, "forbidden")
		stranger.get(t, "/v1/events?"+idsQuery(ann.token)+"&"+q).problem(t, 403, "forbidden")
		stranger.do(t, "POST", "/v1/presence/query", obj{"ids": []string{ann.token}, "viewer": viewer}).problem(t, 403,
			"forbidden")
	}
	srv.get(t, "/v1/presence?ids=a&viewer="+url.QueryEscape("b c")).problem(t, 400, "invalid_id")
	srv.do(t, "POST", "/v1/presence/query", obj{"ids": []string{"a"}, "viewer": "b c"}).problem(t, 400, "invalid_id")
}
