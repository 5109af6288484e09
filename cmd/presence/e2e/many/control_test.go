package many

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/load"
)

// control is one more node, alone, to which nothing is done. It is asked all the time as the crowd
// asks: how long it leaves that without an answer is what this machine does to any node, whatever
// the product does. So a limit that is missed because the machine was busy is told apart from one
// that is missed because something is broken: the promise is extended by what the control had to
// wait. A retry would not do, as a busy machine stays busy; and neither would a wider limit, as it
// would hide what is broken on an idle one.
type control struct {
	mu      sync.Mutex
	last    time.Time
	longest time.Duration
	gaps    []time.Duration // between answers, since begin
	start   time.Duration   // that its process took until it served; not changed after that
}

// steps is how many things a fail-over does one after the other, each of which may have to wait as
// long as the control.
const steps = 4

// full says whether the figures are measured, on a machine that does nothing else: then promises
// are held to the letter.
func full() bool { return os.Getenv("PRESENCE_CROWD") != "" }

// excuse is what a promise is extended by, when a node that is alone takes so long.
func excuse(alone time.Duration) time.Duration {
	if full() {
		return 0
	}
	return steps * alone
}

func newControl(t *testing.T) *control {
	t.Helper()
	begun := time.Now()
	f := newFleet(t, 1, "--join-wait=100ms")
	k := &control{start: time.Since(begun), last: time.Now()}
	_, ids := beats(400)
	raw := load.QueryBody(ids)
	ctx, cancel := context.WithCancel(context.Background())
	var asking sync.WaitGroup
	asking.Go(func() {
		for sleepUntil(ctx, time.Now().Add(20*time.Millisecond)) {
			_, status, err := f.nodes[0].do(ctx, "POST", "/v1/presence/query", "asker", raw)
			if err == nil && status == http.StatusOK {
				k.answered()
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		asking.Wait()
	})
	return k
}

func (k *control) answered() {
	k.mu.Lock()
	defer k.mu.Unlock()
	gap := time.Since(k.last)
	k.longest, k.last, k.gaps = max(k.longest, gap), time.Now(), append(k.gaps, gap)
}

func (k *control) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.longest, k.last, k.gaps = 0, time.Now(), nil
}

// spare is what the machine has taken from a node since begin; nothing when figures are measured.
func (k *control) spare() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return excuse(max(k.longest, time.Since(k.last)))
}

// within holds what was measured since begin to a promise.
func (k *control) within(t *testing.T, what string, took, promised time.Duration) {
	t.Helper()
	wantWithin(t, what, took, promised, k.spare())
}

// startsWithin is within, for what includes the start of a process: that is work, not a wait, and a
// busy machine makes it longer without a pause in between.
func (k *control) startsWithin(t *testing.T, what string, took, promised time.Duration) {
	t.Helper()
	wantWithin(t, what, took, promised, max(k.spare(), excuse(k.start)))
}

func wantWithin(t *testing.T, what string, took, promised, spare time.Duration) {
	t.Helper()
	t.Logf("%s: %v; promised %v, and the machine took %v",
		what, took.Round(100*time.Microsecond), promised, spare.Round(100*time.Microsecond))
	if took > promised+spare {
		t.Errorf("%s: %v, later than promised", what, took)
	}
}

// withinAt holds a quantile of many, sorted, that were measured since begin to a promise. It is
// extended by the same quantile of what the control waited: one moment in which the machine stood
// still excuses one late answer, not all of them.
func (k *control) withinAt(t *testing.T, what string, took []time.Duration, q float64, promised time.Duration) {
	t.Helper()
	k.mu.Lock()
	all := append(slices.Clone(k.gaps), time.Since(k.last)) // the one that lasts counts, too
	gaps := slices.Sorted(slices.Values(all))
	k.mu.Unlock()
	what = fmt.Sprintf("%s, %.0f %%", what, 100*q)
	wantWithin(t, what, quantile(took, q), promised, excuse(quantile(gaps, q)))
}
