package gateway

import (
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

func TestWhy(t *testing.T) {
	g := newGate(t)
	const why = "/v1/participants/ada/why"
	g.online("ada", "ben")
	for _, step := range []struct {
		do, viewer string
		has        []string
	}{
		{"", "", []string{
			`"viewer":null,"state":"online"`, `"rule":3,"state_rule":5`, "Everyone may see ada.", "phone is online",
			`"nodes":[{"node":"node-1","role":"owner","answered":true,"holds":true,"state":"online"`,
		}},
		{`{"override":"appear_offline"}`, "?viewer=ben", []string{
			`"viewer":"ben","state":"offline"`, `"rule":3,"state_rule":4`, "so ben sees it offline", `"self":"appear_offline"`,
		}},
		{"", "?viewer=ada", []string{`"state":"appear_offline"`, `"rule":1,"state_rule":4`, "which it alone sees"}},
	} {
		if step.do != "" {
			g.do("PUT", "/v1/presence/me/override", "ada", step.do).want(204, "")
		}
		a := g.do("GET", why+step.viewer, "boss|a", "").want(200, "")
		for _, text := range step.has {
			if !strings.Contains(a.body, text) {
				t.Errorf("%s%s: %s\nhas no %s", why, step.viewer, a.body, text)
			}
		}
	}
	g.do("POST", "/v1/direct-messages", "svc|s", `{"direct_messages":[{"participants":["ada","ben"]}]}`).want(200, "")
	a := g.do("GET", why+"?viewer=ben", "boss|a", "").want(200, "")
	if !strings.Contains(a.body, `"ground":"window"`) || !strings.Contains(a.body, "which ben sees through") {
		t.Errorf("with a window: %s", a.body)
	}
	if a = g.do("GET", why+"?viewer=ben", "acme boss|a", "").want(200, ""); !strings.Contains(a.body, `"devices":[],`) {
		t.Errorf("of a tenant: %s", a.body)
	}
}

func TestWhyRefused(t *testing.T) {
	g := newGate(t)
	for _, tt := range []struct {
		path, token string
		code        wire.Code
		detail      string
	}{
		{"/v1/participants/ada/why", "ada", wire.Forbidden, "presence:admin"},
		{"/v1/participants/ada/why", "backend|s", wire.Forbidden, "presence:admin"},
		{"/v1/participants/a%20b/why", "boss|a", wire.InvalidID, "U+0020"},
		{"/v1/participants/ada/why?viewer=", "boss|a", wire.InvalidID, "viewer: "},
		{"/v1/participants/ada/why?viewer=me", "boss|a", wire.InvalidID, "viewer: "},
		{"/v1/participants/ada/why?ids=ben", "boss|a", wire.BadRequest, "takes viewer"},
	} {
		g.do("GET", tt.path, tt.token, "").problem(tt.code, tt.detail)
	}
}

// TestBecause: each ground and each rule has its words.
func TestBecause(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	before, later := now.Add(-90*time.Second), now.Add(time.Hour)
	holder := cluster.Holder{Node: "n2", Answered: true, Holds: true, State: shard.Offline}
	for _, tt := range []struct {
		why  cluster.Why
		want string
	}{
		{
			cluster.Why{
				Reason:    cluster.Reason{Rule: 2, Ground: cluster.GroundBlock},
				Exception: cluster.Exception{Blocked: before}, Record: cluster.Record{State: shard.Offline},
			},
			"ada blocked ben 1m30s ago. So ben is answered as about an id that was never seen.",
		},
		{
			cluster.Why{
				Reason:    cluster.Reason{Rule: 2, Ground: cluster.GroundEdge},
				Exception: cluster.Exception{Edge: shard.Deny, EdgeAt: before, EdgeEnd: later},
				Record:    cluster.Record{State: shard.Offline},
			},
			"A backend said 1m30s ago that ben may not see ada, until 2026-11-28 13:00:00 UTC. " +
				"So ben is answered as about an id that was never seen.",
		},
		{
			cluster.Why{
				Reason:    cluster.Reason{Rule: 3, Ground: cluster.GroundEdge, StateRule: 2},
				Exception: cluster.Exception{Edge: shard.Allow, EdgeAt: before}, Record: cluster.Record{State: shard.Offline},
			},
			"A backend said 1m30s ago that ben may see ada. No device of it is there, and no sign of life is remembered: " +
				"it is offline, whatever it picked.",
		},
		{
			cluster.Why{
				Reason: cluster.Reason{Rule: 4, Ground: cluster.GroundDefault}, Record: cluster.Record{State: shard.Offline},
			},
			"ada may be seen by those alone whom an edge allows, or who have a direct-message window; of ben nothing is said. " +
				"So ben is answered as about an id that was never seen.",
		},
		{
			cluster.Why{
				Reason: cluster.Reason{Rule: 3, Ground: cluster.GroundAI, StateRule: 1}, Kind: shard.KindHelper, KindAt: before,
				Record: cluster.Record{State: shard.Online},
			},
			"ada is an AI participant, which everyone may see. AI participants are online, always; " +
				"it was registered as helper 1m30s ago.",
		},
		{
			cluster.Why{
				Reason: cluster.Reason{Rule: 3, Ground: cluster.GroundDefault, StateRule: 3}, OverrideAt: before,
				Record: cluster.Record{Override: shard.OverrideBusy, OverrideUntil: later.UnixMilli()},
			},
			"Everyone may see ada. It picked busy 1m30s ago, until 2026-11-28 13:00:00 UTC.",
		},
		{
			cluster.Why{
				Reason: cluster.Reason{Rule: 3, Ground: cluster.GroundDefault, StateRule: 3},
				Record: cluster.Record{Claims: []shard.Claim{{Source: "calendar", Until: later.UnixMilli()}}},
			},
			"Everyone may see ada. It picked nothing, and is busy by what backends said: " +
				"calendar until 2026-11-28 13:00:00 UTC.",
		},
		{
			cluster.Why{Reason: cluster.Reason{Rule: 3, Ground: cluster.GroundDefault}, DoubtEnds: later},
			"Everyone may see ada. Its owner may have lost something, and says unknown until it knows, " +
				"2026-11-28 13:00:00 UTC at the latest.",
		},
		{
			cluster.Why{
				Reason: cluster.Reason{Rule: 3, Ground: cluster.GroundDefault, StateRule: 5},
				Record: cluster.Record{State: shard.Idle},
				Sources: []cluster.Source{
					{KeptDevice: cluster.KeptDevice{ID: "tv", Standing: shard.DeviceSignedOut, Activity: shard.ActivityOnline}},
					{
						KeptDevice: cluster.KeptDevice{ID: "phone", LastSeen: before}, Deadline: later,
						Gateways: []string{"n1"},
					},
				},
			},
			"Everyone may see ada. The most awake of its devices counts: phone is idle, and was heard of 1m30s ago " +
				"through a socket at n1; without a sign of life it is gone at 2026-11-28 13:00:00 UTC.",
		},
	} {
		tt.why.Holders = []cluster.Holder{holder, {Node: "n3", Role: cluster.HolderBackup}}
		want := tt.want + " Of the nodes, n2, the owner, answers offline; n3, the backup, did not answer."
		if got := because(&tt.why, "ada", "ben", now); got != want {
			t.Errorf("%s\nwant: %s", got, want)
		}
	}
	if got := because(&cluster.Why{}, "ada", "", now); got != "Nobody who knows ada answered, so the state is unknown. "+
		"No node owns anything at the moment." {
		t.Error(got)
	}
}
