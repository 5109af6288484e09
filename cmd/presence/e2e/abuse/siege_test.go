package abuse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// siege is what users met before and during an attack, and what the node took.
type siege struct {
	size
	idle, under     *seen // of the node that is attacked
	calm, meanwhile *seen // of the control, at the same times
	before, after   target.Usage
	peak            int64 // resident bytes
	lines           int
	died            bool
}

// besiege starts the attack once it has seen how the node answers without. A control, which nobody
// attacks, is asked as the node is.
func besiege(t *testing.T, n *node, z size, attack func(ctx context.Context)) *siege {
	t.Helper()
	u, control := newQuestions(t, n), newQuestions(t, newNode(t, setting{}))
	s := &siege{size: z}
	together(t, u, control, z.idle/4) // caches warm up
	s.idle, s.calm = together(t, u, control, z.idle)
	s.before = n.use()
	s.peak = s.before.RSS
	lines := n.log.written()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { attack(ctx) })
	running.Go(func() { s.sample(ctx, n) })
	s.under, s.meanwhile = together(t, u, control, z.attack)
	s.after, s.died, s.lines = n.use(), n.died(), n.log.written()-lines
	cancel()
	running.Wait()
	if s.after.Peak > s.before.Peak {
		s.peak = max(s.peak, s.after.Peak)
	}
	s.tell(t)
	return s
}

// together has users ask two nodes at the same time.
func together(t *testing.T, a, b questions, lasts time.Duration) (ofA, ofB *seen) {
	t.Helper()
	var running sync.WaitGroup
	var errs [2]error
	running.Go(func() { ofA, errs[0] = a.watch(lasts) })
	running.Go(func() { ofB, errs[1] = b.watch(lasts) })
	running.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return ofA, ofB
}

// sample notes the most that the node holds.
func (s *siege) sample(ctx context.Context, n *node) {
	for tick := time.Tick(50 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			s.peak = max(s.peak, n.use().RSS)
		}
	}
}

// Bounds of the table.
const (
	mostMemory = 100 << 20
	healthWait = 100 * time.Millisecond // besides what the control took
	floor      = 10 * time.Millisecond  // what the scheduler may add to a latency
)

// figures hold a siege to the bounds. Latencies may grow by a factor, and memory by so many bytes.
// Attackers and nodes share the processors, so what the control's users wait during the attack is
// added: the attackers' own work takes that.
func (s *siege) figures(factor int, memory int64) []figure {
	if s.died {
		return []figure{held(false, "the node survives", "the node died")}
	}
	idle, under := s.idle.Asked.at(0.99), s.under.Asked.at(0.99)
	may := time.Duration(factor)*idle + max(floor, s.meanwhile.Asked.at(0.99))
	wait := healthWait + max(s.calm.Health.at(1), s.meanwhile.Health.at(1))
	rise, healthy := s.peak-s.before.RSS, s.under.Health.at(1)
	return []figure{
		held(rise < memory, fmt.Sprintf("RSS +%d MB", memory>>20), "RSS %+d MB", rise>>20),
		timed(under <= may, fmt.Sprintf("p99 %v", short(may)), "p99 %v (idle %v)", short(under), short(idle)),
		held(s.under.Asked.Failed == 0, "0 failed", "%d of %d failed", s.under.Asked.Failed, len(s.under.Asked.Took)),
		held(s.under.Health.Failed == 0, "health answered", "%d of %d healthz failed", s.under.Health.Failed,
			len(s.under.Health.Took)),
		timed(healthy <= wait, fmt.Sprintf("healthz %v", short(wait)), "healthz %v", short(healthy)),
		told("%.2f cores", s.cores()),
	}
}

// tell logs what is too long for the table.
func (s *siege) tell(t *testing.T) {
	t.Helper()
	t.Logf("idle %v; under attack %v; control idle %v, meanwhile %v; the node wrote %d lines",
		s.idle, s.under, s.calm, s.meanwhile, s.lines)
}

// cores is the share of processors that the node took while it was attacked.
func (s *siege) cores() float64 { return (s.after.CPU - s.before.CPU).Seconds() / s.attack.Seconds() }
