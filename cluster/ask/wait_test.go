package ask

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/keep"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// heldBack are backups to which no record ever comes.
type heldBack struct{}

func (heldBack) Put(int, []byte, []byte) {}

func (heldBack) WaitFlip(ctx context.Context, _ int) replica.Verdict {
	<-ctx.Done()
	return replica.Missed
}

func (b heldBack) WaitFact(ctx context.Context, p int) replica.Verdict { return b.WaitFlip(ctx, p) }
func (heldBack) InMemory(int) bool                                     { return false }
func (heldBack) Backup(int) link.Name                                  { return link.Name{ID: "n1", Boot: "1"} }

func newOwner(t testing.TB) *Owner {
	t.Helper()
	h, err := host.New(host.Config{
		Partitions: partitions, Node: 1, Settings: host.DefaultSettings(), Mirror: heldBack{}, Gap: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	for p := range partitions {
		h.Serve(p)
	}
	return &Owner{
		Host: h, Partitions: partitions, Backups: heldBack{}, Others: new(keep.Complaints),
		Struck: func(shard.Erasures) {},
	}
}

// took is how long an operation takes whose records are held back.
func took(o *Owner, op Operation) time.Duration {
	begun := time.Now()
	op.carryOut(context.Background(), o)
	return time.Since(begun)
}

// TestOnlyWhatChangedWaits: with each record held back, a sign of life that changes nothing waits
// for nothing, by handle or by name; what changes something waits for as long as it is worth.
func TestOnlyWhatChangedWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwner(t)
		device := DeviceOf{Participant: "ada", Device: "tab"}
		hello := Attach{DeviceOf: device, Activity: shard.ActivityOnline}
		if d := took(o, &hello); d != FlipWait || hello.Outcome != shard.Done {
			t.Fatalf("a join took %v: %v", d, hello.Outcome)
		}
		named := func(a shard.Activity) Operation {
			return &Heartbeats{many[host.Heartbeat, shard.Outcome]{
				[]host.Heartbeat{
					{Participant: "ada", Device: "tab", Activity: a},
					{Participant: "ben", Device: "tab", Activity: a},
				},
				make([]shard.Outcome, 2),
			}}
		}
		took(o, named(shard.ActivityOnline)) // ben comes
		for _, tc := range []struct {
			what string
			op   Operation
			want time.Duration
		}{
			{"a beat that changes nothing", &Flip{Handle: hello.Handle, Activity: shard.ActivityOnline}, 0},
			{"beats by name that change nothing", named(shard.ActivityOnline), 0},
			{"a flip", &Flip{Handle: hello.Handle, Activity: shard.ActivityIdle}, FlipWait},
			{"the same once more", &Flip{Handle: hello.Handle, Activity: shard.ActivityIdle}, 0},
			{"a flip by name", named(shard.ActivityIdle), FlipWait},
			{"the same by name once more", named(shard.ActivityIdle), 0},
			{"an override", &Override{Fact: Of("ada"), Override: shard.OverrideBusy}, FactWait},
			{"a sign-out", &SignOut{DeviceOf: device}, FactWait},
		} {
			if d := took(o, tc.op); d != tc.want {
				t.Errorf("%s took %v, want %v", tc.what, d, tc.want)
			}
		}
	})
}

// TestBeatMakesNoGarbage: one of a device that is owned here costs what it costs a lone node.
func TestBeatMakesNoGarbage(t *testing.T) {
	o := newOwner(t)
	hello := Attach{DeviceOf: DeviceOf{Participant: "ada", Device: "tab"}, Activity: shard.ActivityOnline}
	took(o, &hello)
	if n := testing.AllocsPerRun(100, func() {
		if out := o.Beat(context.Background(), hello.Handle, shard.ActivityOnline); out != shard.Done {
			t.Fatal(out)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
