package many

import (
	"testing"
	"time"
)

// bound is what a fail-over may add to the deadlines of those who have gone.
const bound = 6 * time.Second

// TestNobodyBeats: when nobody beats any more, with links cut or not, after two deadlines and the
// fail-over nobody is online at any node.
func TestNobodyBeats(t *testing.T) {
	for name, cut := range map[string]func(n *network){
		"no link cut":       func(*network) {},
		"one pair cut":      func(n *network) { n.unlink(1, 2) },
		"one direction cut": func(n *network) { n.shut(2, 1) },
		"one node cut":      func(n *network) { n.unlink(2, 0); n.unlink(2, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, n := greySize(t), newNetwork(t, 3)
			n.withFirewall(t, 3)
			f := hostedWith(t, n, credentials(t, hostIDs(3)...), 3, g.flags)
			c := newCrowdOf(t, f, people(g.people), g.beats, g.deadline())
			cut(n)
			time.Sleep(g.deadline() / 2) // there were beats while the links were cut, too
			c.cancel()
			c.running.Wait()
			end := time.Now()
			time.Sleep(2*g.deadline() + bound)
			for _, nd := range f.nodes {
				seen := make(map[string]int)
				for _, s := range c.statesAt(t, nd) {
					seen[s]++
				}
				t.Logf("%v after the last heartbeat, at %s: %v", time.Since(end).Round(time.Second), nd.id, seen)
				delete(seen, "offline")
				delete(seen, "unknown")
				if len(seen) > 0 {
					t.Errorf("at %s people who have gone are %v", nd.id, seen)
				}
			}
		})
	}
}

// statesAt is what one node says of everybody.
func (c *crowd) statesAt(t *testing.T, nd *node) map[string]string {
	t.Helper()
	for begun := time.Now(); ; {
		states, err := c.query(t.Context(), nd, c.ids)
		if err == nil {
			return states
		}
		if time.Since(begun) > patience {
			t.Fatalf("%s: %v", nd.id, err)
		}
	}
}
