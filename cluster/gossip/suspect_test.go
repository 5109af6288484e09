package gossip

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/memnet"
)

// awaitSuspects waits, in steps of a tenth of a second, until a node suspects these.
func awaitSuspects(t *testing.T, g *Gossip, limit time.Duration, want ...string) {
	t.Helper()
	for end := time.Now().Add(limit); !slices.Equal(g.Suspected(), want); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s suspects %v after %v, want %v", g.config.Name, g.Suspected(), limit, want)
		}
	}
}

// TestSuspicionIsHeard: memberlist logs that it suspects a node, and tells by callbacks how that
// ends. The words are memberlist's. A version that has others fails here.
func TestSuspicionIsHeard(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		b := net.Host("10.0.0.2")
		slow := func(id string, seeds ...string) Config {
			c := config(id, seeds...)
			c.Timings = Production
			return c
		}
		one := hosted(t, net.Host("10.0.0.1"), slow("a"))
		met(t, hosted(t, b, slow("b", one.Address())))
		time.Sleep(5 * time.Second)
		awaitSuspects(t, one, 0)

		b.Freeze()
		awaitSuspects(t, one, 10*time.Second, "b")
		b.Thaw()
		awaitSuspects(t, one, 2*time.Second)
		if n := one.Suspicions(); n != 1 {
			t.Errorf("%d suspicions", n)
		}
		await(t, one, "a~1 joining", "b~1 joining")

		b.Freeze()
		awaitSuspects(t, one, 10*time.Second, "b")
		await(t, one, "a~1 joining")
		awaitSuspects(t, one, 0)
		b.Thaw()
	})
}

// TestSuspicionEnds: a suspicion of whose end nothing is heard ends when memberlist would have
// taken the node for dead.
func TestSuspicionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Gossip{config: config("a"), members: make(map[string]located)}
		g.config.Timings = Production
		g.pace(&memberlist.Config{})
		hear := func(line string) { g.hear(slog.LevelInfo, line) }
		for i := range 100 {
			name := link.Name{ID: fmt.Sprintf("n%d", i), Boot: "1"}
			g.members[name.String()] = located{Member: Member{Name: name}}
		}
		hear("Suspect n7~1 has failed, no acks received")
		time.Sleep(time.Second)
		hear("Suspect n7~1 has failed, no acks received")
		if n := g.Suspicions(); n != 1 {
			t.Errorf("%d suspicions of two probes", n)
		}
		hear("Suspect gone~1 has failed, no acks received")
		hear("Marking n8~1 as failed, suspect timeout reached (0 peer confirmations)")
		hear("Suspect n9~1 has failed, no acks received")
		awaitSuspects(t, g, 0, "n7", "n9")
		hear("Was able to connect to n9~1 over TCP but UDP probes failed, network may be misconfigured")
		time.Sleep(9 * time.Second)
		awaitSuspects(t, g, 0, "n7")
		time.Sleep(time.Second)
		awaitSuspects(t, g, 0)
	})
}

// TestSuspicionDoesNotGrow: memberlist's time for a suspected member is about the same in a cluster
// of any size up to 30, and a second node must suspect it in each.
func TestSuspicionDoesNotGrow(t *testing.T) {
	for members, want := range map[int]int{1: 4, 3: 4, 10: 4, 13: 4, 14: 3, 20: 3, 50: 3, 100: 3} {
		if got := suspicionMult(4, members); got != want {
			t.Errorf("%d members: %d, want %d", members, got, want)
		}
	}
	for _, members := range []int{2, 30, 100} {
		if got := suspicionMult(2, members); got != 2 {
			t.Errorf("%d members, for tests: %d, want 2", members, got)
		}
	}
}

// TestSuspicionFollowsTheMembers: the multiplier that memberlist has is the one for the members
// that are there.
func TestSuspicionFollowsTheMembers(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		var first *Gossip
		for i := range 20 {
			c := config(fmt.Sprintf("n%d", i))
			if c.Timings = Production; first != nil {
				c.Seeds = []string{first.Address()}
			}
			g := hosted(t, net.Host(fmt.Sprintf("10.0.0.%d", i+1)), c)
			if first == nil {
				first = g
			} else {
				met(t, g)
			}
		}
		mult := func() int {
			first.mu.Lock()
			defer first.mu.Unlock()
			return first.pacing.SuspicionMult
		}
		for end := time.Now().Add(2 * time.Minute); mult() != 3; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d among %d members, want 3", mult(), len(first.Members()))
			}
		}
		for i := range 10 {
			net.Host(fmt.Sprintf("10.0.0.%d", i+11)).Freeze()
		}
		for end := time.Now().Add(2 * time.Minute); mult() != 4; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d among %d members, want 4", mult(), len(first.Members()))
			}
		}
		for i := range 10 {
			net.Host(fmt.Sprintf("10.0.0.%d", i+11)).Thaw()
		}
	})
}
