package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
)

// sickDisk is one whose writes hang while stuck is set, until mend.
type sickDisk struct {
	stuck  atomic.Bool
	mended chan struct{}
}

func newSickDisk() *sickDisk { return &sickDisk{mended: make(chan struct{})} }

func (d *sickDisk) sync() {
	if d.stuck.Load() {
		<-d.mended
	}
}

func (d *sickDisk) mend() {
	d.stuck.Store(false)
	close(d.mended)
}

// sickBand is three nodes with disks, of which the second one's is sick.
func sickBand(t *testing.T) (*band, *sickDisk) {
	b, sick := &band{t: t}, newSickDisk()
	for i := range 3 {
		if _, err := b.tryAddWith(fmt.Sprint("n", i), func(p *Peers) {
			p.DataDir = t.TempDir()
			if i == 1 {
				p.Sync = sick.sync
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	b.agree()
	return b, sick
}

// TestSlowDiskAtTheBackup: a fact is refused soon, heartbeats are as fast as ever, and all is taken
// again when the disk is back.
func TestSlowDiskAtTheBackup(t *testing.T) {
	b, sick := sickBand(t)
	owner := b.nodes[0]
	id := keptBy(owner, b.nodes[1])
	b.online(owner, 50)
	at := attach(t, owner, id, "tab")
	sick.stuck.Store(true)
	for range 3 {
		begun := time.Now()
		err := b.nodes[2].SetOverride(t.Context(), id, shard.OverrideBusy, time.Time{})
		if took := time.Since(begun); !errors.Is(err, ErrUnavailable) || took > ask.FactWait/2 {
			t.Errorf("a fact: %v after %v, want a refusal within about a second", err, took)
		}
		begun = time.Now()
		if err := owner.Beat(t.Context(), at, shard.ActivityOnline); err != nil || time.Since(begun) > ask.FlipWait/2 {
			t.Errorf("a heartbeat: %v after %v", err, time.Since(begun))
		}
	}
	if owner.Stats().FactsRefused == 0 {
		t.Error("the refusals are not counted")
	}
	sick.mend()
	await(t, "facts are taken again", func() bool {
		return owner.SetOverride(t.Context(), id, shard.OverrideBusy, time.Time{}) == nil
	})
}

// TestDrainBesideASickDisk: a node that leaves hands over all it has to one whose disk hangs: in
// memory it is better kept there than at a node that goes.
func TestDrainBesideASickDisk(t *testing.T) {
	b, sick := sickBand(t)
	defer sick.mend()
	leaving := b.nodes[0]
	ids := b.online(leaving, 200)
	sick.stuck.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	begun := time.Now()
	if err := leaving.Drain(ctx); err != nil {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	b.crash(leaving)
	b.agree()
	wantStates(t, b.nodes[0], ids, shard.Online)
}

// TestSteadyHeartbeatsWaitForNothing: only what has changed waits for the backup.
func TestSteadyHeartbeatsWaitForNothing(t *testing.T) {
	b := newBand(t, 2)
	n := b.nodes[0]
	id := b.ownedBy(n)
	at := attach(t, n, id, "tab")
	p := n.partitionOf(id)
	n.replica.Assign(p, link.Name{ID: "nobody", Boot: "1"}) // what is under way to it never comes
	begun := time.Now()
	for range 10 {
		if err := n.Beat(t.Context(), at, shard.ActivityOnline); err != nil {
			t.Fatal(err)
		}
		errs, beat := make([]error, 1), Heartbeat{Participant: id, Device: "tab", Activity: shard.ActivityOnline}
		if n.Heartbeats(t.Context(), []Heartbeat{beat}, errs); errs[0] != nil {
			t.Fatal(errs[0])
		}
	}
	if took := time.Since(begun); took > ask.FlipWait {
		t.Errorf("20 heartbeats took %v", took)
	}
}
