package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/shard"
)

// diskBand is three nodes, each with a directory in dir.
func diskBand(t *testing.T) (b *band, dir string) {
	b, dir = &band{t: t}, t.TempDir()
	for i := range 3 {
		id := fmt.Sprint("n", i)
		if _, err := b.tryAddWith(id, func(p *Peers) { p.DataDir = filepath.Join(dir, id) }); err != nil {
			t.Fatal(err)
		}
	}
	b.agree()
	return b, dir
}

// TestRefusedFactsLeaveNothing: while the directory of the owner, or of the backup, is away, a fact
// is refused at once, by name, and nothing of it is anywhere. When the directory is back facts are
// taken, and the disks have all.
func TestRefusedFactsLeaveNothing(t *testing.T) {
	for _, sick := range []int{0, 1} {
		t.Run(fmt.Sprint("n", sick), func(t *testing.T) {
			b, dir := diskBand(t)
			id, path := keptBy(b.nodes[0], b.nodes[1]), filepath.Join(dir, fmt.Sprint("n", sick))
			owner, asked := b.nodes[0], b.nodes[2]
			attach(t, owner, id, "tab")
			if err := os.Rename(path, path+".away"); err != nil {
				t.Fatal(err)
			}
			p := owner.partitionOf(id)
			await(t, "the owner knows", func() bool { return owner.asker.Owner.Trouble(p) != "" })
			begun := time.Now()
			err := asked.SetOverride(t.Context(), id, shard.OverrideBusy, time.Time{})
			wantDiskError(t, err, fmt.Sprintf("data directory of n%d was deleted", sick))
			wantDiskError(t, asked.SetKind(t.Context(), id, shard.KindModel, shard.AvailabilityUnset), fmt.Sprint("n", sick))
			errs := make([]error, 1)
			asked.DirectMessages(t.Context(), []DirectMessage{{id, "bob", time.Now()}}, errs)
			wantDiskError(t, errs[0], fmt.Sprint("n", sick))
			if took := time.Since(begun); took > ask.FactWait/2 {
				t.Errorf("refused after %v", took)
			}
			if n := len(asked.finisher.left); n > 0 {
				t.Errorf("the message will be stored all the same: %d wait", n)
			}
			for _, at := range b.nodes[:2] {
				if r, _ := at.host.Inspect(id, id, false); r.Override != shard.OverrideAuto || r.Self != shard.Online {
					t.Errorf("%s has what was refused: %+v", at.ID(), r)
				}
			}
			if err := asked.SignOut(t.Context(), id, "tab"); err != nil {
				t.Errorf("a sign-out needs no disk: %v", err)
			}
			wantSaid(t, b, sick)
			if err := os.Rename(path+".away", path); err != nil {
				t.Fatal(err)
			}
			await(t, "facts are taken again", func() bool {
				return asked.SetOverride(t.Context(), id, shard.OverrideBusy, time.Time{}) == nil
			})
			if words := b.nodes[sick].Remark(); words != "" {
				t.Errorf("when all is well: %q", words)
			}
		})
	}
}

func wantDiskError(t *testing.T, err error, says string) {
	t.Helper()
	var refused *DiskError
	if !errors.As(err, &refused) || refused.Stored || !errors.Is(err, ErrUnavailable) ||
		!strings.Contains(err.Error(), says) {
		t.Errorf("%v, want one that says %q, and that nothing is stored", err, says)
	}
}

// wantSaid: the node with the sick disk is ready, and says so everywhere.
func wantSaid(t *testing.T, b *band, sick int) {
	t.Helper()
	n := b.nodes[sick]
	if err := n.Ready(); err != nil {
		t.Errorf("not ready: %v", err)
	}
	says := "the data directory of " + n.ID() + " was deleted or replaced: overrides"
	if got := b.nodes[2].Figures(t.Context())[n.ID()].Remark; !strings.HasPrefix(got, says) {
		t.Errorf("another node shows %q, want %q", got, says)
	}
	if st := n.Stats(); st.DiskFailed != 1 {
		t.Error("the metric says that the disk is well")
	}
	if st := b.nodes[0].Stats(); st.DiskRefused == 0 {
		t.Error("the owner's refusals are not counted")
	}
}
