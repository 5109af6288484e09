package many

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/scaiwave/presence/bench/load"
)

// newer are participants about whom something was said that the release before doesn't know. Each
// kind has some:
//
//	told     has a status that ends
//	hiding   hides until an end, with another status than before it hid
//	claimed  has a claim
//	timed    is busy until an end
//	agent    is an AI that must beat, and doesn't
//	brief    is busy until an end that comes while nodes are of the release before
type newer struct {
	ids     map[string][]string // by kind, but for brief
	brief   []string
	records map[string]record // by id, as they were when all was said
}

// How each kind looks to strangers, where nodes of this version own its participants, and where
// those of the release before do.
var (
	newerStates = map[string]string{
		"told": "online", "hiding": "offline", "claimed": "busy", "timed": "busy", "agent": "offline",
	}
	formerStates = map[string]string{
		"told": "online", "hiding": "offline", "claimed": "online", "timed": "busy", "agent": "online",
	}
)

// record is what of a participant's own record doesn't depend on its devices.
type record struct {
	Override string
	Until    *time.Time `json:"override_expires_at"`
	Status   *status
	Busy     []struct {
		Source string
		Until  time.Time `json:"expires_at"`
	}
}

type status struct {
	Text, Emoji string
	Until       *time.Time `json:"expires_at"`
}

// sayNewer has a few of each kind acknowledged, through each node, so that each owns some.
func (u *upgrade) sayNewer() {
	u.t.Helper()
	u.newer.ids = make(map[string][]string)
	for kind := range newerStates {
		for i := range 4 * len(u.f.nodes) {
			u.newer.ids[kind] = append(u.newer.ids[kind], fmt.Sprint(kind, "-", i))
		}
		if kind != "agent" {
			u.people = append(u.people, u.newer.ids[kind]...)
		}
	}
	for _, s := range []struct{ kind, path, body string }{
		{"told", "/v1/presence/%s/status", `{"text":"out","emoji":"🚆","expires_in":86400}`},
		{"hiding", "/v1/presence/%s/status", `{"text":"in"}`},
		{"hiding", "/v1/presence/%s/override", `{"override":"appear_offline","expires_in":86400}`},
		{"hiding", "/v1/presence/%s/status", `{"text":"secret"}`},
		{"claimed", "/v1/presence/%s/busy/calendar", `{"expires_in":86400}`},
		{"timed", "/v1/presence/%s/override", `{"override":"busy","expires_in":86400}`},
		{"agent", "/v1/participants/%s", `{"kind":"helper","availability":"heartbeat"}`},
	} {
		u.sayOf(u.newer.ids[s.kind], s.path, s.body)
	}
	u.newer.records = u.readNewer(u.f.nodes[0])
}

// sayBrief has some be busy for a while.
func (u *upgrade) sayBrief() {
	u.t.Helper()
	for i := range 4 * len(u.f.nodes) {
		u.newer.brief = append(u.newer.brief, fmt.Sprint("brief-", i))
	}
	u.people = append(u.people, u.newer.brief...)
	u.sayOf(u.newer.brief, "/v1/presence/%s/override", `{"override":"busy","expires_in":30}`)
}

// sayOf says something of each of ids, through each node in turn.
func (u *upgrade) sayOf(ids []string, path, body string) {
	u.t.Helper()
	for i, id := range ids {
		u.say(u.f.nodes[i%len(u.f.nodes)], "service", "PUT", fmt.Sprintf(path, id), body)
	}
}

// newerStand checks that all of it is so at each node.
func (u *upgrade) newerStand(when string) {
	u.t.Helper()
	u.newerLook(when, newerStates)
	for _, nd := range u.f.nodes {
		for kind, ids := range u.newer.ids {
			u.statusesAre(when, nd, ids, map[string]string{"told": "out", "hiding": "in"}[kind])
		}
		for id, r := range u.readNewer(nd) {
			if want := u.newer.records[id]; !reflect.DeepEqual(r, want) {
				u.t.Errorf("%s: %s has of %s %+v, want %+v", when, nd.id, id, r, want)
			}
		}
	}
}

// newerLook checks how each kind looks to a stranger, at each node.
func (u *upgrade) newerLook(when string, states map[string]string) {
	u.t.Helper()
	want := make(map[string]string)
	for kind, ids := range u.newer.ids {
		for _, id := range ids {
			want[id] = states[kind]
		}
	}
	for _, nd := range u.f.nodes {
		u.looksLike(when, nd, "stranger", want)
	}
}

// statusesAre checks what a stranger is told that participants say; empty: nothing.
func (u *upgrade) statusesAre(when string, nd *node, ids []string, want string) {
	u.t.Helper()
	var got struct{ Statuses map[string]status }
	body := strings.TrimSuffix(string(load.QueryBody(ids)), "}") + `,"with":["status"]}`
	waitUntil(u.t, "statuses at "+nd.id, func() bool {
		out, known := u.read(nd, "stranger", "POST", "/v1/presence/query", body)
		return known && json.Unmarshal([]byte(out), &got) == nil
	})
	for _, id := range ids {
		if text := got.Statuses[id].Text; text != want {
			u.t.Errorf("%s: %s says %q at %s, want %q", when, id, text, nd.id, want)
		}
	}
}

// readNewer reads the records of all of them at a node.
func (u *upgrade) readNewer(nd *node) map[string]record {
	u.t.Helper()
	all := make(map[string]record)
	for _, ids := range u.newer.ids {
		for _, id := range ids {
			waitUntil(u.t, id+" is known at "+nd.id, func() bool {
				var r record
				out, known := u.read(nd, "service", "GET", "/v1/presence/"+id, "")
				known = known && json.Unmarshal([]byte(out), &r) == nil
				all[id] = r
				return known
			})
		}
	}
	return all
}

// read asks a node something. known is false if that refuses, or doesn't know all.
func (u *upgrade) read(nd *node, token, method, path, body string) (out string, known bool) {
	ctx, cancel := context.WithTimeout(u.t.Context(), answered)
	defer cancel()
	out, err := nd.call(ctx, method, token, path, body)
	return out, err == nil && !strings.Contains(out, `"unknown"`)
}

// newerAreRefused checks what nodes do while they are of both releases: none names the feature, and
// those of this version refuse what belongs to it.
func (u *upgrade) newerAreRefused(when string) {
	u.t.Helper()
	for _, nd := range u.f.nodes {
		waitUntil(u.t, "the features at "+nd.id+" are those that all know", func() bool {
			out, _ := u.read(nd, "stranger", "GET", "/v1/features", "")
			return strings.TrimSpace(out) == `{"features":["visibility","tenants"]}`
		})
		if nd.binary != binary {
			continue
		}
		for _, c := range []struct{ method, path, body string }{
			{"PUT", "/v1/presence/told-0/status", `{"text":"late"}`},
			{"DELETE", "/v1/presence/told-0/status", ""},
			{"PUT", "/v1/presence/claimed-0/busy/call", `{"expires_in":86400}`},
			{"DELETE", "/v1/presence/claimed-0/busy/calendar", ""},
			{"PUT", "/v1/presence/timed-0/override", `{"override":"appear_offline","expires_in":86400}`},
			{"PUT", "/v1/participants/agent-0", `{"kind":"helper","availability":"always"}`},
			{"GET", "/v1/presence?with=status&ids=hiding-0", ""},
		} {
			u.isRefused(when, nd, c.method, c.path, c.body)
		}
	}
}

func (u *upgrade) isRefused(when string, nd *node, method, path, body string) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), answered)
	defer cancel()
	out, code, err := nd.do(ctx, method, path, "service", []byte(body))
	if err != nil || code != http.StatusServiceUnavailable || !strings.Contains(string(out), "older version") {
		u.t.Errorf("%s: %s %s at %s: %d, %v: %s", when, method, path, nd.id, code, err, out)
	}
}

// newerRest checks how all of it looks when all nodes are of the release before: it counts nowhere,
// but each node still has it.
func (u *upgrade) newerRest(when string) {
	u.t.Helper()
	u.newerLook(when, formerStates)
	for _, nd := range u.f.nodes {
		for _, ids := range u.newer.ids {
			for _, id := range ids {
				waitUntil(u.t, id+" is exported at "+nd.id, func() bool {
					out, known := u.read(nd, "service", "GET", "/v1/participants/"+id+"/export", "")
					if known && !strings.Contains(out, `"opaque_facts"`) {
						u.t.Errorf("%s: nothing of %s is left at %s: %s", when, id, nd.id, out)
					}
					return known
				})
			}
		}
	}
}

// briefEnds checks that what had an early end has ended at each node.
func (u *upgrade) briefEnds(when string) {
	u.t.Helper()
	for _, nd := range u.f.nodes {
		waitUntil(u.t, when+" nobody is busy for longer at "+nd.id, func() bool {
			u.beat()
			states := u.states(nd, "stranger", u.newer.brief)
			for _, state := range states {
				if state != "online" {
					return false
				}
			}
			return len(states) == len(u.newer.brief)
		})
	}
}
