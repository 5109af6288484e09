package many

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scaiwave/presence/bench/load"
)

// promised is what was acknowledged of what both releases know: how participants look to viewers
// while they have a device.
type promised struct {
	looks  map[string]map[string]string // by viewer, and id
	people []string                     // who need a device
	rounds int
}

// look remembers how a participant must look to a viewer.
func (p *promised) look(viewer, id, state string) {
	if p.looks == nil {
		p.looks = make(map[string]map[string]string)
	}
	if p.looks[viewer] == nil {
		p.looks[viewer] = make(map[string]string)
	}
	p.looks[viewer][id] = state
}

// promise has something of each kind acknowledged through each node: overrides, windows,
// registrations, blocks, edges, defaults, and overrides of a tenant's participants.
func (u *upgrade) promise() {
	u.t.Helper()
	for i, nd := range u.f.nodes {
		id := func(name string) string { return fmt.Sprintf("%s-%d-%d", name, u.rounds, i) }
		busy, hidden, robot, shy, closed := id("busy"), id("hidden"), id("robot"), id("shy"), id("closed")
		override(u.t, nd, busy, "busy")
		override(u.t, nd, hidden, "appear_offline")
		override(u.t, nd, "acme "+shy, "busy")
		for _, s := range []struct{ method, path, body string }{
			{"PUT", "/v1/participants/" + robot, `{"kind":"model"}`},
			{"PUT", "/v1/participants/" + shy + "/blocks/blocked", ""},
			{"PUT", "/v1/participants/" + closed + "/visibility", `{"default":"allowed"}`},
			{"POST", "/v1/direct-messages", fmt.Sprintf(`{"direct_messages":[{"participants":[%q,"friend"]}]}`, hidden)},
			{"POST", "/v1/visibility", fmt.Sprintf(`{"edges":[{"participant_id":%q,"viewer":"denied","allow":false},
				{"participant_id":%q,"viewer":"friend","allow":true}]}`, shy, closed)},
		} {
			u.say(nd, "service", s.method, s.path, s.body)
		}
		for viewer, seen := range map[string][5]string{
			"friend":       {"online", "busy", "online", "online", "online"},
			"stranger":     {"online", "busy", "offline", "online", "offline"},
			"blocked":      {"online", "busy", "offline", "offline", "offline"},
			"denied":       {"online", "busy", "offline", "offline", "offline"},
			"acme blocked": {"offline", "online", "online", "busy", "online"}, // namesakes
		} {
			for i, id := range []string{robot, busy, hidden, shy, closed} {
				u.look(viewer, id, seen[i])
			}
		}
		u.people = append(u.people, busy, hidden, shy, closed)
	}
	u.rounds++
}

// kept checks at each node that everything that was promised is so.
func (u *upgrade) kept() {
	u.t.Helper()
	for _, nd := range u.f.nodes {
		for viewer, want := range u.looks {
			u.looksLike("what was promised", nd, viewer, want)
		}
	}
}

// looksLike checks how participants look to a viewer at a node. A node that was killed may not know
// of one for a while; it must not say anything else.
func (u *upgrade) looksLike(what string, nd *node, viewer string, want map[string]string) {
	u.t.Helper()
	ids := slices.Sorted(maps.Keys(want))
	waitUntil(u.t, viewer+" knows all at "+nd.id, func() bool {
		u.beat()
		states, known := u.states(nd, viewer, ids), true
		for id, state := range states {
			switch state {
			case want[id]:
			case "unknown":
				known = false
			default:
				u.t.Fatalf("%s: %q sees %s %s at %s, want %s", what, viewer, id, state, nd.id, want[id])
			}
		}
		return known && len(states) == len(ids)
	})
}

// beat has all people live, and their namesakes of a tenant.
func (u *upgrade) beat() {
	u.t.Helper()
	beats := string(load.BeatBody(u.people, "phone", "online"))
	u.say(u.c.healthy(), "service", "POST", "/v1/heartbeats", beats)
	u.say(u.c.healthy(), "acme service", "POST", "/v1/heartbeats", beats)
}

// states is what a viewer is told of ids; none: the node refuses.
func (u *upgrade) states(nd *node, viewer string, ids []string) (states map[string]string) {
	ctx, cancel := context.WithTimeout(u.t.Context(), answered)
	defer cancel()
	out, err := nd.call(ctx, "POST", viewer, "/v1/presence/query", string(load.QueryBody(ids)))
	if err == nil && json.Unmarshal([]byte(out), &states) != nil {
		u.t.Errorf("%s answers %s", nd.id, out)
	}
	return states
}

// say has something done. What is refused because the machine is busy is sent again.
func (u *upgrade) say(nd *node, token, method, path, body string) {
	u.t.Helper()
	waitUntil(u.t, method+" "+path+" at "+nd.id, func() bool {
		ctx, cancel := context.WithTimeout(u.t.Context(), answered)
		defer cancel()
		out, err := nd.call(ctx, method, token, path, body)
		return err == nil && (method == "PUT" || strings.Contains(out, `"rejected":[]`))
	})
}
