package scenario

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/load"
)

// watchPatience is how long watchAll waits for further snapshots.
const watchPatience = 30 * time.Second

// watchAll watches ids on as few sockets as are allowed. It gives each change to see, but not the
// snapshots. It returns when all are watched, or ctx ends. Ids that can't be watched are an error:
// a run that sees nothing would find nothing wrong.
func (r *Run) watchAll(ctx context.Context, ids []string, see func(id, state []byte)) error {
	var missing atomic.Int64
	missing.Store(int64(len(ids)))
	whole := make(chan struct{})
	var once sync.Once
	for i, part := range slices.Collect(slices.Chunk(ids, load.MaxWatched)) {
		v := &load.Visitor{
			Cluster: r.Cluster, Records: r.Records, Token: r.sign(load.ID("all-watcher", i)),
			More: load.Subscribe(part),
		}
		v.Shown = func(m []byte) {
			if !load.IsSnapshot(m) {
				load.EachState(m, see)
				return
			}
			load.EachState(m, func(_, _ []byte) { missing.Add(-1) })
			if missing.Load() <= 0 {
				once.Do(func() { close(whole) })
			}
		}
		r.running.Go(func() { v.Stay(ctx, time.Now()) })
	}
	for left := int64(-1); left != missing.Load(); {
		left = missing.Load()
		select {
		case <-whole:
			return nil
		case <-ctx.Done():
			return nil
		case <-time.After(watchPatience):
		}
	}
	return fmt.Errorf("%d of %d participants could not be watched: none was in %v", missing.Load(), len(ids),
		watchPatience)
}

// ids are those of n participants of a kind.
func ids(kind string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = load.ID(kind, i)
	}
	return all
}
