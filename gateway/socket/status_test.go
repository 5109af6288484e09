package socket

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

func TestDecodeSayings(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		in     string
		status shard.Status // but for its end
		end    time.Duration
		with   shard.With
	}{
		{`{"type":"status","status":{"text":"hi","emoji":"🚆"}}`, shard.Status{Text: "hi", Emoji: "🚆"}, 0, 0},
		{`{"type":"status","status":{"text":"hi","emoji":null,"expires_at":null}}`, shard.Status{Text: "hi"}, 0, 0},
		{`{"type":"status","status":{"emoji":"x","expires_in":60}}`, shard.Status{Emoji: "x"}, time.Minute, 0},
		{`{"type":"status","status":null,"req":"r"}`, shard.Status{}, 0, 0},
		{`{"type":"override","override":"busy","expires_in":60}`, shard.Status{}, time.Minute, 0},
		{`{"type":"override","override":"busy","expires_in":null,"expires_at":null}`, shard.Status{}, 0, 0},
		{`{"type":"override","override":"auto"}`, shard.Status{}, 0, 0},
		{`{"type":"subscribe","ids":["a"],"with":["status"]}`, shard.Status{}, 0, shard.WithStatus},
		{`{"type":"subscribe","ids":["a"]}`, shard.Status{}, 0, 0},
		{`{"type":"query","ids":["a"],"with":["status","status"],"req":"r"}`, shard.Status{}, 0, shard.WithStatus},
	} {
		var m message
		if err := decode([]byte(tt.in), &m, 1000); err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		until := m.until
		if m.status.Until != 0 {
			until, m.status.Until = time.UnixMilli(m.status.Until), 0
		}
		late := until.Sub(now) - tt.end
		if m.status != tt.status || m.with != tt.with || until.IsZero() != (tt.end == 0) ||
			tt.end != 0 && (late < -time.Second || late > time.Minute) {
			t.Errorf("%s: %+v, until %v; want %+v, %v", tt.in, m, until, tt.status, tt.end)
		}
	}
}

func TestSayingsRefused(t *testing.T) {
	for in, says := range map[string]string{
		`{"type":"status"}`:                                                        `needs the field "status"`,
		`{"type":"status","status":{}}`:                                            "both empty",
		`{"type":"status","status":{"text":"","emoji":null}}`:                      "both empty",
		`{"type":"status","status":{"text":"` + strings.Repeat("x", 257) + `"}}`:   "256",
		`{"type":"status","status":{"text":"x","public":true}}`:                    `unknown field "public"`,
		`{"type":"status","status":{"text":"a\u0007"}}`:                            "U+0007",
		`{"type":"status","status":{"text":"x","expires_in":0}}`:                   "1 to 31622400",
		`{"type":"status","status":"x"}`:                                           "must be an object",
		`{"type":"status","status":{"text":"x"},"expires_in":5}`:                   `unknown field "expires_in"`,
		`{"type":"status","text":"x","status":null}`:                               `unknown field "text"`,
		`{"type":"override","override":"auto","expires_in":5}`:                     "no end",
		`{"type":"override","override":"busy","expires_in":5,"expires_at":"2999"}`: "one of them",
		`{"type":"override","override":"busy","status":null}`:                      `unknown field "status"`,
		`{"type":"heartbeat","activity":"idle","expires_in":5}`:                    `unknown field "expires_in"`,
		`{"type":"subscribe","ids":["a"],"with":[]}`:                               "with is empty",
		`{"type":"subscribe","ids":["a"],"with":["last_seen"]}`:                    `it takes ["status"]`,
		`{"type":"subscribe","ids":["a"],"with":null}`:                             "null",
		`{"type":"query","ids":["a"],"with":"status","req":"r"}`:                   "must be an array",
		`{"type":"unsubscribe","ids":["a"],"with":["status"]}`:                     `unknown field "with"`,
	} {
		var m message
		err := decode([]byte(in), &m, 1000)
		if e := wire.FromError(err); e == nil || e.Code != wire.BadRequest || !strings.Contains(e.Detail, says) {
			t.Errorf("%s: %v; want %q", in, err, says)
		}
	}
}

// TestStatusFrames: what a change, a snapshot and self say of statuses, and where they say nothing.
func TestStatusFrames(t *testing.T) {
	const both = hub.StateChanged | hub.StatusChanged | hub.WithStatus
	train := &shard.Status{Text: `On a "train"`, Emoji: "🚆", Until: 1_795_000_000_000}
	one := func(parts hub.Part, s *shard.Status) []hub.Change {
		return []hub.Change{{Of: "a", Parts: parts, State: shard.Busy, Status: s}}
	}
	for want, changes := range map[string][]hub.Change{
		`"states":{"a":"busy"}`:                                    one(hub.StateChanged, nil),
		`"states":{"a":"busy"},"statuses":{}`:                      one(hub.StateChanged|hub.WithStatus, nil),
		`"states":{},"statuses":{"a":null}`:                        one(hub.StatusChanged|hub.WithStatus, nil),
		`"states":{"a":"busy"},"statuses":{"a":null}`:              one(both, nil),
		`"states":{"a":"busy"},"statuses":{"a":` + trainJSON + `}`: one(both, train),
		`"states":{"a":"busy","b":"idle"},"statuses":{"b":null}`: append(one(hub.StateChanged, nil),
			hub.Change{Of: "b", Parts: both, State: shard.Idle}),
	} {
		wantFrame(t, appendChanges(nil, changes), `{"type":"presence",`+want+`}`)
		if len(changes) == 1 {
			wantFrame(t, EncodeChange(nil, &changes[0]), `{"type":"presence",`+want+`}`)
		}
	}
	s := hub.Snapshot{
		List: tenant.ListOf("a", "b", "c"), States: []shard.State{shard.Busy, shard.Idle, shard.Online},
		Statuses: []*shard.Status{nil, train, {}},
	}
	wantFrame(t, appendSnapshot(nil, "presence", &s, "r"),
		`{"type":"presence","states":{"a":"busy","b":"idle","c":"online"},"statuses":{"b":`+trainJSON+`},"req":"r"}`)
	s.Statuses = nil
	wantFrame(t, appendSnapshot(nil, "result", &s, ""), `{"type":"result","states":{"a":"busy","b":"idle","c":"online"}}`)
}

const trainJSON = `{"text":"On a \"train\"","emoji":"🚆","expires_at":"2026-11-18T11:06:40.000Z"}`

func TestSelfFrames(t *testing.T) {
	for want, said := range map[string]*shard.Sayings{
		"":                       nil,
		`,"busy":["call"]`:       {Claims: []shard.Claim{{Source: "call", Until: 5}}},
		`,"busy":["a.1","call"]`: {Claims: []shard.Claim{{Source: "a.1", Until: 5}, {Source: "call", Until: 5}}},
		`,"override_expires_at":"1970-01-01T00:00:01.500Z"`:   {OverrideUntil: 1500},
		`,"status":{"text":"x","emoji":"","expires_at":null}`: {InnerStatus: shard.Status{Text: "x"}},
	} {
		if said != nil {
			said.PublicStatus.Text = "stood" // which is for others
		}
		self := hub.Self{State: shard.Busy, Override: shard.OverrideBusy, Sayings: said}
		wantFrame(t, appendSelf(nil, self), `{"type":"self","state":"busy","override":"busy"`+want+`}`)
	}
}

func wantFrame(t *testing.T, frame []byte, want string) {
	t.Helper()
	if got := string(frame[len(frame)-len(want):]); got != want || payloadLength(frame) != len(want) {
		t.Errorf("%q, want %q", frame, want)
	}
}

// TestStatusesTakeRoom: those who ask for statuses draw on the memory for frames, and give it back.
func TestStatusesTakeRoom(t *testing.T) {
	withMemory(t, 1, func(e *env, memory *admit.Shares) {
		c := e.join("ann", "")
		all := memory.Budget()
		c.send(`{"type":"query","ids":[%s],"with":["status"],"req":"q"}`, list(0, 10))
		c.wantPart(`"type":"result"`)
		synctest.Wait()
		if used := all.Used(); used != 0 {
			t.Errorf("%d bytes are left", used)
		}
		taken := int64(0)
		for ; all.Take(1 << 10); taken += 1 << 10 {
		}
		defer func() { all.Give(taken) }()
		for _, ask := range []string{"query", "subscribe"} {
			c.send(`{"type":%q,"ids":[%s],"with":["status"],"req":"q"}`, ask, list(0, 10))
			c.wantPart(`"code":"unavailable"`, "no memory")
			c.send(`{"type":%q,"ids":[%s],"req":"q"}`, ask, list(0, 10))
			c.wantPart(`"states"`)
		}
		c.leave()
	})
}

// TestFramesOfStatusesAreBounded: however much is said at once, a frame of changes is no larger
// than clients may send.
func TestFramesOfStatusesAreBounded(t *testing.T) {
	piped.run(t, nil, func(e *env) {
		ids := make([]string, 300)
		for i := range ids {
			ids[i] = fmt.Sprintf("%s%03d", strings.Repeat(`"`, 125), i)
		}
		v := e.hub.NewViewer("v", func() {})
		defer v.Close()
		if _, err := v.Subscribe(t.Context(), tenant.Name("").Participants(slices.Clone(ids)), shard.WithStatus); err != nil {
			t.Fatal(err)
		}
		longest := shard.Status{
			Text: strings.Repeat(`"`, shard.MaxStatusText), Emoji: strings.Repeat(`"`, shard.MaxStatusEmoji),
			Until: time.Now().Add(time.Hour).UnixMilli(),
		}
		for _, id := range ids {
			errs := make([]error, 1)
			e.node.Heartbeats(t.Context(), []cluster.Heartbeat{{Participant: id, Device: "d"}}, errs)
			if err := errors.Join(errs[0], e.node.SetStatus(t.Context(), id, longest, false)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		told := 0
		for more := true; more; {
			var changes []hub.Change
			changes, more = v.Drain(nil, changesAFrame)
			told += len(changes)
			if n := len(appendChanges(nil, changes)); n > e.srv.cfg.MaxMessageBytes {
				t.Errorf("a frame of %d bytes with %d changes", n, len(changes))
			}
		}
		if told != len(ids) {
			t.Errorf("told of %d", told)
		}
	})
}
