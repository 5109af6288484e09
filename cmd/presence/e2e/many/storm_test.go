package many

import (
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"
)

// TestStorm does something to one node after the other, at random, under load: it is killed,
// stopped, restarted, or cut off. Nobody may be shown offline, and an override that was
// acknowledged before must stand after each. The seed is in the log; PRESENCE_SEED plays it again.
func TestStorm(t *testing.T) {
	if os.Getenv("PRESENCE_STORM") == "" {
		t.Skip("PRESENCE_STORM, a duration, is not set; make soak sets it")
	}
	seed := uint64(number(t, "PRESENCE_SEED", int(time.Now().UnixNano()%1_000_000)))
	t.Logf("PRESENCE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	n := newNetwork(t, 3)
	f := hosted(t, n, 3)
	c := newCrowd(t, f, interval)
	faults := []string{"kill", "stop", "restart", "cut"}
	for end := time.Now().Add(duration("PRESENCE_STORM", 0)); time.Now().Before(end); {
		victim, what := r.IntN(3), faults[r.IntN(len(faults))]
		lasts := time.Duration(r.Int64N(int64(deadline / 3))) // of a cut: both sides hear of everybody in time
		if what == "stop" && r.IntN(3) == 0 {
			lasts += deadline
		}
		id, picked := fmt.Sprintf("picky-%d", r.IntN(50)), []string{"busy", "appear_offline"}[r.IntN(2)]
		override(t, c.healthy(), id, picked)
		c.begin()
		strike(f, n, victim, what, lasts)
		f.agree(3)
		time.Sleep(time.Duration(r.Int64N(int64(deadline))))
		c.report(fmt.Sprintf("%s of %s for %v", what, f.nodes[victim].id, lasts.Round(time.Millisecond)),
			what != "restart")
		if t.Failed() {
			return
		}
		for _, nd := range f.nodes {
			wantOverride(t, nd, id, picked)
		}
		c.await()
	}
}

// strike does something to a node, and mends it.
func strike(f *fleet, n *network, victim int, what string, lasts time.Duration) {
	nd := f.nodes[victim]
	switch what {
	case "kill":
		nd.signal(syscall.SIGKILL)
		<-nd.gone
		time.Sleep(lasts)
		f.start(nd)
	case "restart":
		f.leave(nd)
		f.start(nd)
	case "stop":
		nd.still.Store(true)
		nd.signal(syscall.SIGSTOP)
		time.Sleep(lasts)
		nd.signal(syscall.SIGCONT)
		nd.still.Store(false)
	case "cut":
		nd.still.Store(true) // clients of the part that was cut off go elsewhere
		n.cut(victim, true)
		time.Sleep(lasts)
		n.cut(victim, false)
		nd.still.Store(false)
	}
}
