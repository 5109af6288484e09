package sim

import (
	"fmt"
	"testing"
	"time"
)

// found are short scripts of what longer ones have found; node is whose turn it is.
var found = map[string]func(node int) []step{
	// An idle flip while its owner stood still was undone when that woke up.
	"a flip during a pause": func(node int) []step {
		return []step{
			{at: 10 * time.Second, do: "open", id: "ada", device: "tab"},
			{at: 20 * time.Second, do: "pause", node: node, lasts: 40 * time.Second},
			{at: 40 * time.Second, do: "flip", id: "ada", device: "tab", value: "idle"},
			{at: 150 * time.Second, do: "override", id: "ben", value: "auto", node: node},
		}
	},
	// The smaller side of a cut told that somebody was offline who had only picked something there.
	"a pick at the smaller side": func(node int) []step {
		return []step{
			{at: 10 * time.Second, do: "open", id: "ada", device: "tab"},
			{at: 11 * time.Second, do: "beat", id: "ada", device: "http", value: "online", node: (node + 1) % 3},
			{at: 12 * time.Second, do: "cut", node: node, lasts: 25 * time.Second},
			{at: 26 * time.Second, do: "override", id: "ada", value: "busy", node: node},
			{at: 30 * time.Second, do: "override", id: "ada", value: "auto", node: node},
		}
	},
	// It showed somebody who hides, as soon as they beat there.
	"a heartbeat of who hides at the smaller side": func(node int) []step {
		return []step{
			{at: 10 * time.Second, do: "override", id: "ada", value: "appear_offline", node: node},
			{at: 12 * time.Second, do: "cut", node: node, lasts: 100 * time.Second},
			{at: 26 * time.Second, do: "beat", id: "ada", device: "http", value: "online", node: node},
			{at: 80 * time.Second, do: "beat", id: "ada", device: "http", value: "online", node: node},
			{at: 105 * time.Second, do: "beat", id: "ada", device: "http", value: "online", node: node},
		}
	},
	// Somebody who beats once a minute was gone with the second of two nodes that died.
	"two deaths and few heartbeats": func(node int) []step {
		return []step{
			{at: 10 * time.Second, do: "beat", id: "ada", device: "http", value: "online", node: (node + 1) % 3},
			{at: 12 * time.Second, do: "kill", node: node, lasts: 80 * time.Second},
			{at: 60 * time.Second, do: "beat", id: "ada", device: "http", value: "online", node: (node + 2) % 3},
			{at: 68 * time.Second, do: "kill", node: (node + 1) % 3, lasts: 20 * time.Second},
			{at: 118 * time.Second, do: "beat", id: "ada", device: "http", value: "online", node: node},
		}
	},
	// A node came back to the ring, and an owner died before it had filled it: what the former
	// backup had was taken for partial, and everybody was unknown for a deadline.
	"a death as another one comes back": func(node int) []step {
		return []step{
			{at: 10 * time.Second, do: "open", id: "ada", device: "tab"},
			{at: 12 * time.Second, do: "cut", node: node, way: 3, lasts: 5500 * time.Millisecond},
			{at: 38800 * time.Millisecond, do: "kill", node: (node + 2) % 3, lasts: 20 * time.Second},
		}
	},
}

// TestFound plays them with one node after the other in its turn, so that each owner has its turn.
func TestFound(t *testing.T) {
	t.Parallel()
	for name, script := range found {
		for i := range *turns {
			t.Run(fmt.Sprint(name, "/", i), func(t *testing.T) {
				t.Parallel()
				if o := run(t, uint64(i+1), 3, script(i%3)); o.violation != "" {
					t.Fatalf("seed %d: %s\n%s", i+1, o.violation, o.story)
				}
			})
		}
	}
}
