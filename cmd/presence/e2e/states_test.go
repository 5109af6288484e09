package e2e

import (
	"testing"
	"time"
)

// TestStateRules walks through the rules of "How a state is made", in order.
func TestStateRules(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	cases := []struct {
		name         string
		devices      map[string]string
		override     string
		kind         string
		others, self string
	}{
		{name: "nobody", others: "offline", self: "offline"},
		{name: "online", devices: map[string]string{"a": "online"}, others: "online", self: "online"},
		{name: "idle", devices: map[string]string{"a": "idle"}, others: "idle", self: "idle"},
		{
			name: "the most awake device", devices: map[string]string{"a": "idle", "b": "online", "c": "idle"},
			others: "online", self: "online",
		},
		{name: "all idle", devices: map[string]string{"a": "idle", "b": "idle"}, others: "idle", self: "idle"},
		{name: "busy", devices: map[string]string{"a": "online"}, override: "busy", others: "busy", self: "busy"},
		{
			name: "busy and idle", devices: map[string]string{"a": "idle"}, override: "busy", others: "busy",
			self: "busy",
		},
		{name: "busy without a device", override: "busy", others: "offline", self: "offline"},
		{
			name: "invisible", devices: map[string]string{"a": "online"}, override: "appear_offline", others: "offline",
			self: "appear_offline",
		},
		{name: "invisible without a device", override: "appear_offline", others: "offline", self: "offline"},
		{name: "model", kind: "model", others: "online", self: "online"},
		{name: "helper", kind: "helper", others: "online", self: "online"},
		{name: "human", kind: "human", others: "offline", self: "offline"},
		{name: "idle model", kind: "model", devices: map[string]string{"a": "idle"}, others: "online", self: "online"},
		{
			name: "busy model", kind: "model", devices: map[string]string{"a": "online"}, override: "busy",
			others: "online", self: "online",
		},
		{
			name: "invisible model", kind: "model", devices: map[string]string{"a": "online"},
			override: "appear_offline",
			others:   "online", self: "online",
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ann, bob := s.as(who("ann")), s.as(who("bob"))
			if tc.kind != "" {
				s.register(t, ann.token, tc.kind)
			}
			if tc.override != "" {
				ann.override(t, tc.override)
			}
			for d, activity := range tc.devices {
				ann.beat(t, d, activity)
			}
			bob.wantState(t, ann.token, tc.others)
			s.as(service).wantState(t, ann.token, tc.others)
			if v := ann.view(t, "me"); v.State != tc.self {
				t.Errorf("it sees itself as %s, want %s", v.State, tc.self)
			}
			ann.wantState(t, ann.token, tc.self)
		})
	}
}

// TestDeviceUnion moves two devices through contradicting activities.
func TestDeviceUnion(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	steps := []struct {
		device, activity, want string
	}{
		{"phone", "idle", "idle"},
		{"laptop", "online", "online"},
		{"phone", "online", "online"},
		{"laptop", "idle", "online"},
		{"phone", "idle", "idle"},
		{"laptop", "online", "online"},
		{"laptop", "", "idle"},
		{"phone", "", "offline"},
	}
	for _, step := range steps {
		if step.activity == "" {
			ann.signOut(t, step.device)
		} else {
			ann.beat(t, step.device, step.activity)
		}
		bob.wantState(t, ann.token, step.want)
	}
}

func TestOverrideIsSticky(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	phone := ann.connect(t, "phone")
	phone.want(t, "ok", obj{"type": "override", "override": "busy"})
	phone.want(t, "ok", obj{"type": "goodbye"})
	phone.wantClose(t, 1000)
	bob.wantState(t, ann.token, "offline")

	laptop := ann.connect(t, "laptop")
	laptop.awaitSelf(t, "busy", "busy")
	laptop.want(t, "ok", obj{"type": "heartbeat", "activity": "idle"})
	bob.wantState(t, ann.token, "busy")
	laptop.want(t, "ok", obj{"type": "override", "override": "auto"})
	laptop.awaitSelf(t, "idle", "auto")
	bob.wantState(t, ann.token, "idle")
}

// TestOverrideOutlivesTheRecord waits until the record is forgotten: the
// override is not.
func TestOverrideOutlivesTheRecord(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	ann.beat(t, "phone", "online")
	ann.override(t, "busy")
	ann.signOut(t, "phone")
	eventually(t, "the record is forgotten", func() bool { return bob.view(t, ann.token).LastSeen == nil })
	if v := ann.view(t, "me"); v.Override != "busy" {
		t.Errorf("the override is %q after the record TTL, want busy", v.Override)
	}
	ann.beat(t, "phone", "online")
	bob.wantState(t, ann.token, "busy")
}

func TestAIPrefixAndRegistration(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	bob := s.as(who("bob"))
	model, helper := who("model:m"), who("helper:h")
	bob.wantState(t, model, "online")
	bob.wantState(t, helper, "online")
	bob.wantState(t, "modelling"+model, "offline")

	s.register(t, model, "human")
	bob.wantState(t, model, "offline")
	s.as(model).beat(t, "rack", "idle")
	bob.wantState(t, model, "idle")
	s.register(t, model, "model")
	bob.wantState(t, model, "online")
}

func TestAIPrefixIsASetting(t *testing.T) {
	t.Parallel()
	s := start(t, "--ai-prefix=bot/", "--ai-prefix=agent.")
	got := s.as("bob").get(t, "/v1/presence?"+idsQuery("bot/1", "agent.2", "model:3")).states(t)
	want := map[string]string{"bot/1": "online", "agent.2": "online", "model:3": "offline"}
	for id, state := range want {
		if got[id] != state {
			t.Errorf("%s is %s, want %s", id, got[id], state)
		}
	}
}

// TestRegistrationReachesViewers: becoming an AI, and human again, are changes
// like any other.
func TestRegistrationReachesViewers(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	bot := who("bot")
	w := s.as(who("bob")).connect(t, "")
	w.watch(t, bot)
	s.register(t, bot, "helper")
	w.awaitState(t, bot, "online")
	s.register(t, bot, "human")
	w.awaitState(t, bot, "offline")
}

// eventually polls what no event tells.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within %v: %s", patience, what)
}
