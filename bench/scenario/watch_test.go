package scenario

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// TestWatchersWhoAreRefusedEndTheRun: a run that sees nothing would find nothing wrong, or wait
// without end.
func TestWatchersWhoAreRefusedEndTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := bare(t)
		r.Cluster, r.sign = &target.Cluster{}, func(id string) string { return id }
		ctx, cancel := context.WithCancel(t.Context())
		defer r.running.Wait()
		defer cancel()
		start := time.Now()
		err := r.watchAll(ctx, ids("leaving-now", 7000), func(_, _ []byte) {})
		if err == nil || !strings.Contains(err.Error(), "7000 of 7000 participants could not be watched") ||
			time.Since(start) != watchPatience {
			t.Errorf("after %v: %v; want an error after %v", time.Since(start), err, watchPatience)
		}
	})
}
