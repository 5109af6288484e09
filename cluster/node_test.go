package cluster

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/shard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newNode(t *testing.T) *Node {
	n, err := New(Config{NodeID: "n1", Partitions: 16, Settings: DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func TestBeatFollowsItsDevice(t *testing.T) {
	n, ctx := newNode(t), t.Context()
	at, err := n.Attach(ctx, "ada", "phone", shard.ActivityOnline)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Detach(ctx, at); err != nil {
		t.Fatal(err)
	}
	if err := n.Beat(ctx, at, shard.ActivityIdle); err != nil { // its handle is stale: announced again
		t.Fatal(err)
	}
	if r, _ := n.Inspect(ctx, "", "ada", false); r.State != shard.Idle {
		t.Fatalf("state %v", r.State)
	}
	newer, err := n.Attach(ctx, "ada", "phone", shard.ActivityOnline)
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"beat": n.Beat(ctx, at, shard.ActivityOnline), "detach": n.Detach(ctx, at),
		"goodbye": n.Goodbye(ctx, at),
	} {
		if !errors.Is(err, ErrReplaced) {
			t.Errorf("%s of the older session: %v", what, err)
		}
	}
	if err := n.SignOut(ctx, "ada", "phone"); err != nil {
		t.Fatal(err)
	}
	if err := n.Beat(ctx, newer, shard.ActivityOnline); !errors.Is(err, ErrGone) {
		t.Errorf("beat after the sign-out: %v", err)
	}
}

func TestTooManyDevices(t *testing.T) {
	n, ctx := newNode(t), t.Context()
	for i := range n.Settings().MaxDevices {
		if _, err := n.Attach(ctx, "ada", fmt.Sprint("d", i), shard.ActivityIdle); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.Attach(ctx, "ada", "one-more", shard.ActivityIdle); !errors.Is(err, ErrTooManyDevices) {
		t.Errorf("attach: %v", err)
	}
	errs := make([]error, 2)
	n.Heartbeats(ctx, []Heartbeat{{Participant: "ada", Device: "one-more"}, {Participant: "ada", Device: "d0"}}, errs)
	if !errors.Is(errs[0], ErrTooManyDevices) || errs[1] != nil {
		t.Errorf("heartbeats: %v", errs)
	}
}

func TestDirectMessageOpensBothSides(t *testing.T) {
	n, ctx := newNode(t), t.Context()
	ids := []string{"ada", "ben"}
	for _, id := range ids {
		if _, err := n.Attach(ctx, id, "phone", shard.ActivityOnline); err != nil {
			t.Fatal(err)
		}
		if err := n.SetOverride(ctx, id, shard.OverrideAppearOffline, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	errs := make([]error, 1)
	n.DirectMessages(ctx, []DirectMessage{{"ada", "ben", time.Now()}}, errs)
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
	for viewer, want := range map[string]string{
		"ada": "[appear_offline online]", "ben": "[online appear_offline]",
		"cleo": "[offline offline]",
	} {
		states := make([]shard.State, 2)
		if unknown := n.States(ctx, viewer, ids, states); unknown != 0 || fmt.Sprint(states) != want {
			t.Errorf("%s sees %v, %d unknown; want %s", viewer, states, unknown, want)
		}
	}
}

func TestTooLateChangesNothing(t *testing.T) {
	n := newNode(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.SetOverride(ctx, "ada", shard.OverrideBusy, time.Time{}); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("override: %v", err)
	}
	if r, _ := n.Inspect(t.Context(), "ada", "ada", false); r.Override != shard.OverrideAuto {
		t.Fatalf("override is %v", r.Override)
	}
}
