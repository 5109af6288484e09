package gateway

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

// told is what a viewer is told of ada by a query: its state, and the text of its status.
func (s *serving) told(viewer string) string {
	s.t.Helper()
	a := s.do("GET", "/v1/presence?ids=ada&with=status", viewer, "").want(200, "")
	m := regexp.MustCompile(`^{"states":{"ada":"([a-z_]+)"},"statuses":{(?:"ada":{"text":"([^"]*)".*)?}}\s*$`).
		FindStringSubmatch(a.body)
	if m == nil {
		s.t.Fatalf("%s is told %s", viewer, a.body)
	}
	return m[1] + " " + m[2]
}

// play makes calls, "token METHOD path body", and checks after each what viewers are told.
func (s *serving) play(viewers []string, steps [][]string) {
	s.t.Helper()
	for _, step := range steps {
		if wait, err := time.ParseDuration(step[0]); err == nil {
			time.Sleep(wait)
		} else if step[0] != "" {
			part := strings.SplitN(step[0], " ", 4)
			s.do(part[1], part[2], part[0], strings.Join(part[3:], "")).want(204, "")
		}
		for i, viewer := range viewers {
			if got := s.told(viewer); got != step[1+i] {
				s.t.Errorf("after %q %s is told %q, want %q", step[0], viewer, got, step[1+i])
			}
		}
	}
}

const (
	says   = "ada PUT /v1/presence/me/status "
	clears = "ada DELETE /v1/presence/me/status"
	picks  = "ada PUT /v1/presence/me/override "
	asks   = "back|s PUT /v1/presence/ada/status "
	hides  = picks + `{"override":"appear_offline"}`
	shows  = "ada DELETE /v1/presence/me/override"
)

// TestStatus: it is seen by all who may see the participant, there or not, until it is changed,
// cleared, or ends, which it does within a tick.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.play([]string{"ada", "ben", "back|s"}, [][]string{
			{"", "offline ", "offline ", "offline "},
			{says + `{"text":"hi","emoji":"x"}`, "offline hi", "offline hi", "offline hi"},
			{"ada PUT /v1/presence/me/devices/phone " + `{"activity":"online"}`, "online hi", "online hi", "online hi"},
			{says + `{"emoji":"x"}`, "online ", "online ", "online "},
			{asks + `{"text":"ho","expires_in":5}`, "online ho", "online ho", "online ho"},
			{"4.9s", "online ho", "online ho", "online ho"},
			{"200ms", "online ", "online ", "online "},
			{says + `{"text":"hi"}`, "online hi", "online hi", "online hi"},
			{"ada PUT /v1/participants/me/blocks/ben", "online hi", "offline ", "online hi"},
			{clears, "online ", "offline ", "online "},
			{clears, "online ", "offline ", "online "},
		})
		end := time.Now().Add(time.Hour).UTC()
		body := `{"text":"hi","expires_at":"` + end.Format(time.RFC3339Nano) + `"}`
		s.do("PUT", "/v1/presence/me/status", "ada", body).want(204, "")
		want := `"status":{"text":"hi","emoji":"","expires_at":"` + end.Format("2006-01-02T15:04:05.000Z") + `"}`
		s.do("GET", "/v1/presence/ada", "cleo", "").holds(want)
		s.do("GET", "/v1/presence/ada", "boss|a", "").holds(want, `"override_expires_at":null,"busy":[]`)
		s.do("GET", "/v1/presence/ada", "ben", "").holds(`"status":null`)
		s.do("GET", "/v1/presence/ada?viewer=ben", "back|s", "").holds(`"status":null`)
	})
}

// TestStatusesOfTenants: what is said of one is not said of its namesake.
func TestStatusesOfTenants(t *testing.T) {
	g := newGate(t)
	g.do("PUT", "/v1/presence/me/status", "acme ada", `{"text":"hi"}`).want(204, "")
	g.do("PUT", "/v1/presence/ada/busy/call", "acme back|s", `{"expires_in":60}`).want(204, "")
	g.do("GET", "/v1/presence?ids=ada&with=status", "acme ben", "").
		want(200, `{"states":{"ada":"offline"},"statuses":{"ada":{"text":"hi","emoji":"","expires_at":null}}}`)
	for _, token := range []string{"ben", "other ben", "back|s"} {
		g.do("GET", "/v1/presence?ids=ada&with=status", token, "").want(200, `{"states":{"ada":"offline"},"statuses":{}}`)
	}
	g.do("GET", "/v1/presence/me", "ada", "").holds(`"status":null`, `"busy":[]`)
}

// TestStatusWhileHidden: those without a window see on what stood, until its own end, unless a
// backend says something to everyone.
func TestStatusWhileHidden(t *testing.T) {
	for name, device := range map[string]bool{"with a device": true, "without one": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t)
				there, hidden, inner := "online ", "offline ", "appear_offline "
				if device {
					s.online("ada")
				} else {
					there, inner = "offline ", "offline "
				}
				window := `{"direct_messages":[{"participants":["ada","friend"]}]}`
				s.do("POST", "/v1/direct-messages", "back|s", window).want(200, "")
				s.play([]string{"ada", "friend", "ben", "back|s"}, [][]string{
					{says + `{"text":"stood","expires_in":20}`, there + "stood", there + "stood", there + "stood", there + "stood"},
					{hides, inner + "stood", there + "stood", hidden + "stood", hidden + "stood"},
					{says + `{"text":"new"}`, inner + "new", there + "new", hidden + "stood", hidden + "stood"},
					{clears, inner, there, hidden + "stood", hidden + "stood"},
					{asks + `{"text":"for it"}`, inner + "for it", there + "for it", hidden + "stood", hidden + "stood"},
					{"back|s DELETE /v1/presence/ada/status", inner, there, hidden + "stood", hidden + "stood"},
					{
						picks + `{"override":"appear_offline","expires_in":600}`,
						inner, there, hidden + "stood", hidden + "stood",
					},
					{says + `{"text":"new"}`, inner + "new", there + "new", hidden + "stood", hidden + "stood"},
					{"20.1s", inner + "new", there + "new", hidden, hidden},
					{hides, inner + "new", there + "new", hidden, hidden},
					{asks + `{"text":"away","public":true}`, inner + "away", there + "away", hidden + "away", hidden + "away"},
					{says + `{"text":"x"}`, inner + "x", there + "x", hidden + "away", hidden + "away"},
					{asks + `{"text":"y","public":true}`, inner + "y", there + "y", hidden + "y", hidden + "y"},
					{"back|s DELETE /v1/presence/ada/status?public=true", inner, there, hidden, hidden},
					{says + `{"text":"new"}`, inner + "new", there + "new", hidden, hidden},
					{shows, there + "new", there + "new", there + "new", there + "new"},
				})
			})
		})
	}
}

// TestOverrideEnds: it is auto then, within a tick.
func TestOverrideEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.online("ada")
		s.play([]string{"ada", "ben"}, [][]string{
			{picks + `{"override":"busy","expires_in":10}`, "busy ", "busy "},
			{"9.9s", "busy ", "busy "},
			{"200ms", "online ", "online "},
			{picks + `{"override":"appear_offline","expires_in":10}`, "appear_offline ", "offline "},
			{says + `{"text":"new"}`, "appear_offline new", "offline "},
			{"10.1s", "online new", "online new"},
			{picks + `{"override":"busy","expires_in":10}`, "busy new", "busy new"},
			{picks + `{"override":"busy"}`, "busy new", "busy new"},
			{"10.1s", "busy new", "busy new"},
		})
		s.do("GET", "/v1/presence/me", "ada", "").holds(`"override":"busy","override_expires_at":null`)
	})
}

// TestClaims: a claim makes busy where nothing is picked, each source by itself, until its end.
func TestClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		const busy = "back|s PUT /v1/presence/ada/busy/"
		viewers := []string{"ada", "ben"}
		s.play(viewers, [][]string{
			{busy + `calendar {"expires_in":10}`, "offline ", "offline "},
			{"ada PUT /v1/presence/me/devices/phone " + `{"activity":"online"}`, "busy ", "busy "},
			{busy + `call {"expires_in":2}`, "busy ", "busy "},
			{"2.1s", "busy ", "busy "},
			{hides, "appear_offline ", "offline "},
			{shows, "busy ", "busy "},
			{"8s", "online ", "online "},
			{busy + `call {"expires_in":2}`, "busy ", "busy "},
			{"1s", "busy ", "busy "},
			{busy + `call {"expires_in":2}`, "busy ", "busy "},
			{"1.5s", "busy ", "busy "},
			{"ada DELETE /v1/presence/me/busy/call", "online ", "online "},
			{"ada DELETE /v1/presence/me/busy/call", "online ", "online "},
		})
		for i := range 8 {
			s.do("PUT", fmt.Sprintf("/v1/presence/ada/busy/s%d", i), "back|s", `{"expires_in":60}`).want(204, "")
		}
		s.do("PUT", "/v1/presence/ada/busy/s8", "back|s", `{"expires_in":60}`).problem(wire.TooManyClaims, "end one first")
		s.do("PUT", "/v1/presence/ada/busy/s0", "back|s", `{"expires_in":30}`).want(204, "")
		record := s.do("GET", "/v1/presence/me", "ada", "")
		record.holds(`"busy":[{"source":"s0","expires_at":"`, `{"source":"s7","expires_at":"`)
		if strings.Contains(record.body, "s8") {
			t.Error(record.body)
		}
		time.Sleep(31 * time.Second)
		s.do("PUT", "/v1/presence/ada/busy/s8", "back|s", `{"expires_in":60}`).want(204, "")
		s.do("GET", "/v1/presence/ada", "boss|a", "").holds(`"source":"s8"`)
	})
}

// TestAvailability: an AI that beats is what its devices make it, and one that doesn't is offline.
func TestAvailability(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		state := func(want string) {
			t.Helper()
			s.do("GET", "/v1/presence?ids=bot", "ben", "").want(200, `{"bot":"`+want+`"}`)
		}
		register := func(body string) {
			t.Helper()
			s.do("PUT", "/v1/participants/bot", "back|s", body).want(204, "")
		}
		register(`{"kind":"helper"}`)
		state("online")
		register(`{"kind":"helper","availability":"heartbeat"}`)
		state("offline")
		s.online("bot")
		state("online")
		s.do("PUT", "/v1/presence/bot/override", "back|s", `{"override":"busy"}`).want(204, "")
		state("busy")
		register(`{"kind":"model"}`)
		state("busy")
		time.Sleep(66 * time.Second)
		state("offline")
		register(`{"kind":"model","availability":"always"}`)
		state("online")
		s.do("GET", "/v1/participants/bot/export", "back|s", "").holds(`"availability":"always"`)
	})
}
