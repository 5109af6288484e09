package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// coarse is how exact last_seen is: the server reads its clock once a tick.
const coarse = 3 * quickTick

// oldest is the oldest last_seen that a sign of life may leave: a tick that a busy machine delays
// makes it older.
func (s sign) oldest() time.Time { return s.from.Add(-coarse - busy.since(s.from.Add(-time.Second))) }

var lastSeen = regexp.MustCompile(`"last_seen":"([^"]*)"`)

// compareAnswers asks the same about both, in every way there is.
func (tw *twins) compareAnswers(t *testing.T) {
	t.Helper()
	v, srv := tw.viewer, tw.s.as(service)
	as := "viewer=" + v.token
	for _, ask := range []func(id string) reply{
		func(id string) reply { return v.get(t, "/v1/presence?"+idsQuery(id)) },
		func(id string) reply { return v.get(t, participantPath(id)) },
		func(id string) reply { return v.do(t, "POST", "/v1/presence/query", obj{"ids": []string{id, "x"}}) },
		func(id string) reply { return v.get(t, participantPath(id)+"?"+as) },
		func(id string) reply { return v.do(t, "PUT", devicePath(id, "phone"), obj{"activity": "idle"}) },
		func(id string) reply { return v.do(t, "DELETE", devicePath(id, "phone"), nil) },
		func(id string) reply { return v.do(t, "PUT", participantPath(id)+"/override", obj{"override": "no"}) },
		func(id string) reply { return srv.get(t, "/v1/presence?"+idsQuery(id)) },
		func(id string) reply { return srv.get(t, "/v1/presence?"+idsQuery(id)+"&"+as) },
		func(id string) reply { return srv.get(t, participantPath(id)+"?"+as) },
	} {
		of := tw.plain(t, tw.hidden, ask(tw.hidden.c.token))
		control := tw.plain(t, tw.control, ask(tw.control.c.token))
		if of != control {
			t.Fatalf("after %q:\n%s\nbut of the control\n%s", tw.script[len(tw.script)-1], of, control)
		}
	}
	for i, p := range []*person{tw.hidden, tw.control} {
		tw.sockets[i].want(t, "result", obj{"type": "query", "req": "q", "ids": []string{p.c.token}})
		tw.sockets[i].refused(t, "bad_request",
			obj{"type": "query", "req": "q", "ids": []string{p.c.token}, "viewer": p.c.token})
	}
	tw.compareFrozen(t)
}

// plain is an answer without what may differ: ids, dates, and last_seen, which
// must be the latest sign of life that the viewer may know of.
func (tw *twins) plain(t *testing.T, p *person, r reply) string {
	t.Helper()
	if m := lastSeen.FindStringSubmatch(r.body); m != nil {
		seen, err := time.Parse(time.RFC3339Nano, m[1])
		if err != nil {
			t.Fatalf("%s: %v", r.what, err)
		}
		if seen.Before(p.shown.oldest()) || seen.After(p.latest()) {
			t.Fatalf("%s: last_seen %v, want between %v and %v", r.what, seen, p.shown.from, p.shown.to)
		}
	}
	h := r.header.Clone()
	h.Del("Date")
	what, _, _ := strings.Cut(r.what, "?")
	text := fmt.Sprint(what, " ", r.status, " ", h, " ", lastSeen.ReplaceAllString(r.body, `"last_seen":"…"`))
	return strings.ReplaceAll(text, p.c.token, "ID")
}

// compareFrozen: not a byte of the answer moves while hidden is invisible.
func (tw *twins) compareFrozen(t *testing.T) {
	t.Helper()
	if !tw.hidden.invisible() || tw.hidden.kind != "human" {
		tw.frozen = ""
		return
	}
	body := tw.viewer.get(t, participantPath(tw.hidden.c.token)).body
	if tw.frozen != "" && body != tw.frozen {
		t.Fatalf("after %q the answer moved from\n%s to\n%s", tw.script[len(tw.script)-1], tw.frozen, body)
	}
	tw.frozen = body
}

// compareFeeds: the same frames in the same order.
func (tw *twins) compareFeeds(t *testing.T) {
	t.Helper()
	for i := range tw.ofHidden {
		of := tw.ofHidden[i].plain(tw.hidden.c.token)
		control := tw.ofControl[i].plain(tw.control.c.token)
		if !slices.Equal(of, control) {
			t.Fatalf("after %q: %s received\n%s\nbut about the control\n%s", tw.script[len(tw.script)-1],
				tw.ofHidden[i].name, strings.Join(of, "\n"), strings.Join(control, "\n"))
		}
	}
}

// plain lists what was received, bytes as they came but for the id.
func (f *feed) plain(id string) []string {
	var lines []string
	for _, fr := range f.all() {
		lines = append(lines, strings.ReplaceAll(fr.raw, id, "ID"))
	}
	return lines
}
