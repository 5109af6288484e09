package sim

import (
	"fmt"
	"testing"
	"time"
)

// story is a short script about a rule that random ones come to rarely. Everybody takes part, so
// that in each there are some whose owner, backup and gateway are the nodes that it takes.
type story struct {
	nodes  int
	script func(node int) []step
}

var stories = map[string]story{
	// Their pages are frozen, and idle, when their owner dies, and then those who watch.
	"pages that don't run": {3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: (node + 1) % 3, stays: true},
				step{at: 20*time.Second + at, do: "freeze", id: id, device: "tab", lasts: 8 * time.Minute})
		}
		return append(all,
			step{at: 9 * time.Second, do: "watch", node: (node + 2) % 3, stays: true},
			step{at: 4 * time.Minute, do: "kill", node: node, lasts: 15 * time.Second},
			step{at: 6 * time.Minute, do: "kill", node: (node + 2) % 3, lasts: 15 * time.Second})
	}},
	// Their owner dies before it has told their gateway, which announces them again.
	"a sign-out that their gateway does not hear of": {3, func(node int) (all []step) {
		gateway, other := (node+1)%3, (node+2)%3
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: gateway, stays: true},
				step{at: 22*time.Second + at, do: "signout", id: id, device: "tab", node: other})
		}
		return append(all,
			step{at: 20 * time.Second, do: "cut", node: node, way: 4, lasts: 4 * time.Second},
			step{at: 23 * time.Second, do: "kill", node: node, lasts: 15 * time.Second})
	}},
	// Their owner dies before their backup has heard of it.
	"a pick that the backup does not hear of": {3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all, step{
				at: 21*time.Second + at, do: "override", id: id, value: "busy",
				node: (node + 2) % 3,
			})
		}
		return append(all,
			step{at: 20 * time.Second, do: "cut", node: node, way: 4, lasts: 4 * time.Second},
			step{at: 23 * time.Second, do: "kill", node: node, lasts: 15 * time.Second})
	}},
	// They hide, but from those whom they write to, and then their owner dies.
	"a window that outlives its owner": {3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: (node + 1) % 3, stays: true},
				step{
					at: 12*time.Second + at, do: "message", id: id, value: everybody[(i+1)%len(everybody)],
					node: node,
				},
				step{at: 14*time.Second + at, do: "override", id: id, value: "appear_offline", node: node})
		}
		return append(all, step{at: 20 * time.Second, do: "kill", node: node, lasts: 15 * time.Second})
	}},
	// They change, and back, while a node doesn't hear of it, which then hears of both at once.
	"there and back behind a cut": {3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "beat", id: id, device: "http", value: "online", node: node},
				step{at: 21*time.Second + at, do: "beat", id: id, device: "http", value: "idle", node: (node + 2) % 3},
				step{
					at: 22*time.Second + at, do: "beat", id: id, device: "http", value: "online",
					node: (node + 2) % 3,
				})
		}
		return append(all,
			step{at: 9 * time.Second, do: "watch", node: (node + 1) % 3, stays: true},
			step{at: 20 * time.Second, do: "cut", node: node, way: 4, lasts: 4 * time.Second})
	}},
	// What gossip passes on in packets doesn't reach a node, as where UDP is shut and TCP isn't.
	"a node that hears no packets": {3, func(node int) (all []step) {
		all = comeAndStay(80 * time.Second)
		return append(all,
			step{at: 15 * time.Second, do: "unheard", node: node, lasts: 60 * time.Second},
			step{at: 20 * time.Second, do: "visit", node: (node + 1) % 3, lasts: 20 * time.Second},
			step{at: 50 * time.Second, do: "drain", node: (node + 2) % 3, lasts: 5 * time.Second})
	}},
	// Their machines crash, and they come back at another node. The first one closes what is left
	// of their sockets meanwhile, as it hasn't heard of that.
	"an older socket that closes late": {3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: (node + 1) % 3, stays: true},
				step{at: 20*time.Second + at, do: "crash", id: id, device: "tab"},
				step{at: 74*time.Second + at, do: "open", id: id, device: "tab", node: (node + 2) % 3, stays: true})
		}
		return append(all, step{at: 73 * time.Second, do: "cut", node: node, way: 4, lasts: 4 * time.Second})
	}},
	// They are at the third node, and so are those who watch them.
	"two deaths at once": {3, func(node int) (all []step) {
		survivor := (node + 2) % 3
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all, step{
				at: 10*time.Second + at, do: "beat", id: id, device: "http", value: "online",
				node: i % 3,
			})
			if i%2 == 0 {
				all = append(all, step{
					at: 9*time.Second + at, do: "open", id: id, device: "http", node: survivor,
					stays: true,
				})
			}
		}
		return append(all,
			step{at: 9 * time.Second, do: "watch", node: survivor, stays: true},
			step{at: 20 * time.Second, do: "ruin", node: node, lasts: 20 * time.Second},
			step{at: 30 * time.Second, do: "beat", id: "ben", device: "http", value: "online", node: survivor},
			// what isn't whole keeps copies
			step{at: 110 * time.Second, do: "beat", id: "ben", device: "http", value: "online", node: node})
	}},
	// They do at the side where nobody knows whether they are there.
	"all pick at the smaller side": {3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "beat", id: id, device: "http", value: "online", node: i % 3},
				step{at: 26*time.Second + at, do: "override", id: id, value: "busy", node: node},
				step{at: 32*time.Second + at, do: "override", id: id, value: "auto", node: node})
		}
		for i := range 3 {
			all = append(all, step{at: 9 * time.Second, do: "watch", node: i, stays: true})
		}
		return append(all, step{at: 12 * time.Second, do: "cut", node: node, lasts: 25 * time.Second})
	}},
	// The node that stood still has them as they were before.
	"flips during a pause": {3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: (node + 1) % 3, stays: true},
				step{at: 46*time.Second + at, do: "flip", id: id, device: "tab", value: "online"},
				step{at: 48*time.Second + at, do: "flip", id: id, device: "tab", value: "idle"})
		}
		return append(all, step{at: 20 * time.Second, do: "pause", node: node, lasts: 31 * time.Second})
	}},
	// Their gateway is the third node. What backends write there meanwhile waits for the other side
	// of a broken link, and must not hold up who beats and who asks.
	"writes that wait beside a broken link": {3, func(node int) (all []step) {
		third := (node + 2) % 3
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all, step{
				at: 10*time.Second + at, do: "open", id: id, device: "tab", node: third,
				stays: true,
			})
		}
		return append(all,
			step{at: 9 * time.Second, do: "watch", node: third, stays: true},
			step{at: 20 * time.Second, do: "unlink", node: node, lasts: 40 * time.Second},
			step{at: 21 * time.Second, do: "flood", node: third, lasts: floodLasts})
	}},
	// The same, and it is a disk that they wait for.
	"writes that wait for a disk": {3, func(node int) (all []step) {
		third := (node + 2) % 3
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all, step{
				at: 10*time.Second + at, do: "open", id: id, device: "tab", node: third,
				stays: true,
			})
		}
		return append(all,
			step{at: 9 * time.Second, do: "watch", node: third, stays: true},
			step{at: 20 * time.Second, do: "disk", node: node, way: 2, lasts: 40 * time.Second},
			step{at: 21 * time.Second, do: "flood", node: third, lasts: floodLasts})
	}},
	// Half of them beat no more, and half go on, at each node.
	"a broken link that stays": {3, func(node int) (all []step) {
		return append(comeAndStay(6*time.Minute),
			step{at: 20 * time.Second, do: "unlink", node: node, lasts: 5 * time.Minute})
	}},
	"a link that is broken in one direction": {3, func(node int) (all []step) {
		return append(comeAndStay(4*time.Minute),
			step{at: 20 * time.Second, do: "unlink", node: node, way: 1, lasts: 3 * time.Minute})
	}},
	"a firewall before one of two": {3, func(node int) (all []step) {
		return append(comeAndStay(4*time.Minute),
			step{at: 20 * time.Second, do: "unlink", node: node, way: 3, lasts: 3 * time.Minute})
	}},
	// Its own people go elsewhere, as they are told.
	"a node that reaches nobody": {3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			all = append(all, step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: node, stays: true})
		}
		all = append(all, step{at: 9 * time.Second, do: "watch", node: node, stays: true})
		all = append(all, comeAndStay(6*time.Minute)...)
		return append(all, step{at: 20 * time.Second, do: "deaf", node: node, lasts: 5 * time.Minute})
	}},
	// One of the two had left the ring, and is back on it now: whose copies it needs is the third.
	"the rest of its links go, too":         {3, func(node int) []step { return afterAnother(node, node) }},
	"the rest of the other's links go, too": {3, func(node int) []step { return afterAnother(node, (node+1)%3) }},
	// What it has goes to those that it reaches, and from there to whose it is.
	"a drain beside a broken link": {3, func(node int) (all []step) {
		return append(comeAndStay(4*time.Minute),
			step{at: 20 * time.Second, do: "unlink", node: node, lasts: 60 * time.Second},
			step{at: 45 * time.Second, do: "drain", node: node, lasts: 60 * time.Second})
	}},
	"a node whose seeds lead nowhere": {3, func(node int) []step {
		return append(comeAndStay(time.Minute),
			step{at: 20 * time.Second, do: "astray", node: node, way: nobodyThere, lasts: 40 * time.Second})
	}},
	"a node whose seeds lead nowhere, and did before": {3, func(node int) []step {
		return append(comeAndStay(time.Minute),
			step{at: 20 * time.Second, do: "astray", node: node, way: ownDisk, lasts: 40 * time.Second})
	}},
	"a node with another key": {3, func(node int) []step {
		return append(comeAndStay(time.Minute),
			step{at: 20 * time.Second, do: "astray", node: node, way: wrongKey, lasts: 40 * time.Second})
	}},
	"a node that finds the others late": {3, func(node int) []step {
		return append(comeAndStay(2*time.Minute),
			step{at: 20 * time.Second, do: "astray", node: node, way: cutOff, lasts: 40 * time.Second})
	}},
	// Each is looked at from each node while they change.
	"glances at changes": {3, func(node int) (all []step) {
		for i := range 8 {
			for j, id := range everybody {
				at := time.Duration(10+12*i)*time.Second + time.Duration(j)*100*time.Millisecond
				value := []string{"busy", "auto"}[i%2]
				if i%4 == 0 {
					all = append(all, step{
						at: at - time.Second, do: "beat", id: id, device: "http", value: "online",
						node: node,
					})
				}
				for n := range 3 {
					all = append(all, step{at: at, do: "look", id: id, node: n})
				}
				all = append(all, step{
					at: at + time.Duration(i)*time.Millisecond, do: "override", id: id, value: value,
					node: node,
				})
			}
		}
		return all
	}},
}

// afterAnother breaks the links of a pair, and later all that one of them has.
func afterAnother(node, deaf int) []step {
	return append(comeAndStay(3*time.Minute),
		step{at: 20 * time.Second, do: "unlink", node: node, lasts: 100 * time.Second},
		step{at: 60 * time.Second, do: "deaf", node: deaf, lasts: 60 * time.Second})
}

// comeAndStay has everybody beat once, at each node in turn, and then every second one of them on
// and on. They pick something, too.
func comeAndStay(until time.Duration) (all []step) {
	for i, id := range everybody {
		for n := range 3 {
			at := 10*time.Second + time.Duration(3*i+n)*10*time.Millisecond
			all = append(all, step{at: at, do: "beat", id: id, device: "http", value: "online", node: n})
			for at += 20 * time.Second; i%2 == 0 && at < until; at += 20 * time.Second {
				all = append(all,
					step{at: at, do: "beat", id: id, device: "http", value: "online", node: n},
					step{at: at + 5*time.Second, do: "override", id: id, value: []string{"busy", "auto"}[n%2], node: n})
			}
		}
	}
	return all
}

// TestStories plays them with one node after the other in its turn.
func TestStories(t *testing.T) {
	t.Parallel()
	for name, s := range stories {
		for i := range *turns {
			t.Run(fmt.Sprint(name, "/", i), func(t *testing.T) {
				t.Parallel()
				o := run(t, uint64(i+1), s.nodes, inOrder(s.script(i%s.nodes)))
				if *verbose {
					t.Logf("%s\n%s", o.story, o.log)
				}
				if o.violation != "" {
					t.Fatalf("seed %d: %s\n%s", i+1, o.violation, o.story)
				}
			})
		}
	}
}
