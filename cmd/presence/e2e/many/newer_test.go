package many

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/scaiwave/presence/bench/load"
)

// newer are participants about whom something was said that the release before doesn't know: blocks
// and edges that deny (seen), a default of `allowed` with an edge (closed). Of seen there are
// namesakes in a tenant, who are busy.
type newer struct{ seen, closed []string }

// sayNewer has a few of each acknowledged, through each node, so that each owns some.
func (u *upgrade) sayNewer() {
	u.t.Helper()
	u.newer = newer{}
	for i := range 4 * len(u.f.nodes) {
		nd := u.f.nodes[i%len(u.f.nodes)]
		seen, closed := fmt.Sprint("seen-", i), fmt.Sprint("closed-", i)
		u.newer.seen, u.newer.closed = append(u.newer.seen, seen), append(u.newer.closed, closed)
		u.say(nd, "service", "PUT", "/v1/participants/"+seen+"/blocks/blocked", "")
		u.say(nd, "service", "PUT", "/v1/participants/"+closed+"/visibility", `{"default":"allowed"}`)
		u.say(nd, "service", "POST", "/v1/visibility", fmt.Sprintf(`{"edges":[
			{"participant_id":%q,"viewer":"denied","allow":false},{"participant_id":%q,"viewer":"friend","allow":true}]}`,
			seen, closed))
		override(u.t, nd, "acme "+seen, "busy")
	}
}

// newerStand checks that all of that is so, at each node.
func (u *upgrade) newerStand(when string) {
	u.t.Helper()
	n := u.newer
	for _, nd := range u.f.nodes {
		for _, c := range []struct {
			viewer string
			ids    []string
			want   string
		}{
			{"blocked", n.seen, "offline"},
			{"denied", n.seen, "offline"},
			{"other", n.seen, "online"},
			{"other", n.closed, "offline"},
			{"friend", n.closed, "online"},
			{"acme other", n.seen, "busy"},
			{"acme blocked", n.seen, "busy"},
			{"acme other", n.closed, "online"}, // namesakes, of whom nobody said anything
		} {
			for id, state := range u.states(nd, c.viewer, c.ids) {
				if state != c.want {
					u.t.Errorf("%s: %q sees %s %s at %s, want %s", when, c.viewer, id, state, nd.id, c.want)
				}
			}
		}
	}
}

// newerAreRefused checks that a node of this version takes nothing of that while one of the release
// before is a member, and shows nobody of a tenant.
func (u *upgrade) newerAreRefused(when string, nd *node) {
	u.t.Helper()
	for _, c := range []struct{ method, token, path, body string }{
		{"PUT", "service", "/v1/participants/seen-0/blocks/late", ""},
		{"DELETE", "service", "/v1/participants/seen-0/blocks/blocked", ""},
		{"PUT", "service", "/v1/participants/seen-0/visibility", `{"default":"allowed"}`},
		{"POST", "service", "/v1/visibility", `{"edges":[{"participant_id":"seen-0","viewer":"late","allow":false}]}`},
		{"GET", "acme other", "/v1/presence?ids=seen-0", ""},
		{"PUT", "acme seen-0", "/v1/presence/me/override", `{"override":"auto"}`},
	} {
		ctx, cancel := context.WithTimeout(u.t.Context(), answered)
		out, status, err := nd.do(ctx, c.method, c.path, c.token, []byte(c.body))
		cancel()
		if err != nil || status != http.StatusServiceUnavailable || !strings.Contains(string(out), "older version") {
			u.t.Errorf("%s: %s %s of %q at %s: %d, %v: %s", when, c.method, c.path, c.token, nd.id, status, err, out)
		}
	}
}

// newerAreRight checks what is left of that after nodes of the release before have served: some of
// it may be lost, and what is shown is what is known. Nobody else is shown offline by it.
func (u *upgrade) newerAreRight(when string) {
	u.t.Helper()
	n := u.newer
	for _, nd := range u.f.nodes {
		toBlocked, inTenant := u.states(nd, "blocked", n.seen), u.states(nd, "acme other", n.seen)
		toOthers := u.states(nd, "other", append(slices.Clone(n.seen), n.closed...))
		kept := 0
		for i, seen := range n.seen {
			closed := n.closed[i]
			for _, c := range []struct {
				shown, is, said string
				stands          bool
			}{
				{toBlocked[seen], "blocked", "offline", u.has(nd, "service", "/v1/participants/"+seen+"/blocks", "blocked")},
				{toOthers[seen], "blocked nobody else", "online", false},
				{toOthers[closed], "closed", "offline", u.has(nd, "service", "/v1/participants/"+closed+"/visibility", "allowed")},
				{inTenant[seen], "busy in a tenant", "busy", u.has(nd, "acme "+seen, "/v1/presence/me", "busy")},
			} {
				want := "online"
				if c.stands {
					want, kept = c.said, kept+1
				}
				if c.shown != want {
					u.t.Errorf("%s: of %s and %s, %q (%t) is shown %s at %s", when, seen, closed, c.is, c.stands, c.shown, nd.id)
				}
			}
		}
		u.t.Logf("%s: at %s %d of %d stand", when, nd.id, kept, 3*len(n.seen))
	}
}

// say has something done. What is refused because the machine is busy is sent again.
func (u *upgrade) say(nd *node, token, method, path, body string) {
	u.t.Helper()
	waitUntil(u.t, path+" at "+nd.id, func() bool {
		ctx, cancel := context.WithTimeout(u.t.Context(), answered)
		defer cancel()
		out, err := nd.call(ctx, method, token, path, body)
		return err == nil && (method == "PUT" || strings.Contains(out, `"rejected":[]`))
	})
}

// states reads what a viewer sees of ids, who have devices, once all of it is known.
func (u *upgrade) states(nd *node, viewer string, ids []string) (states map[string]string) {
	u.t.Helper()
	beats := string(load.BeatBody(ids, "phone", "online"))
	waitUntil(u.t, viewer+" sees all at "+nd.id, func() bool {
		u.say(nd, "service", "POST", "/v1/heartbeats", beats)
		u.say(nd, "acme service", "POST", "/v1/heartbeats", beats)
		out, err := nd.call(u.t.Context(), "GET", viewer, "/v1/presence?ids="+strings.Join(ids, ","), "")
		return err == nil && !strings.Contains(out, "unknown") && json.Unmarshal([]byte(out), &states) == nil
	})
	return states
}

// has reports whether an answer has a word.
func (u *upgrade) has(nd *node, token, path, word string) (has bool) {
	u.t.Helper()
	waitUntil(u.t, path+" at "+nd.id, func() bool {
		out, err := nd.call(u.t.Context(), "GET", token, path, "")
		has = strings.Contains(out, `"`+word+`"`)
		return err == nil
	})
	return has
}
