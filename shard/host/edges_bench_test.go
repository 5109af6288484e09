package host

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/scaiwave/presence/shard"
)

// BenchmarkEdges measures what a million participants take whose backend has said of 200 viewers
// each that they are allowed: resident bytes of an edge, above those of participants without any,
// and the time that one takes to be stored. It is for the table of docs/benchmarks.md, and for the
// constant of presence-bench plan.
func BenchmarkEdges(b *testing.B) {
	const each = 200
	for _, n := range []int{sized(100_000), sized(1_000_000)} {
		b.Run(fmt.Sprintf("n=%d/each=%d", n, each), func(b *testing.B) {
			for range b.N {
				c := newCrowd(b, n, 1)
				c.handles = nil
				debug.FreeOSMemory()
				before, start := resident(b), cpuTime()
				c.befriend(b, n, each)
				b.ReportMetric(float64(cpuTime()-start)/float64(n*each), "cpu-ns/edge")
				debug.FreeOSMemory()
				b.ReportMetric(float64(resident(b)-before)/float64(n*each), "RSS-B/edge")
				b.ReportMetric(0, "ns/op")
				runtime.KeepAlive(c)
			}
		})
	}
}

// befriend allows of each of n participants the next ones as viewers. A call has all edges of one
// participant, as those of a batch have.
func (c *crowd) befriend(b *testing.B, n, each int) {
	edges, outcomes := make([]Edge, each), make([]shard.Outcome, each)
	for i := range n {
		for j := range edges {
			edges[j] = Edge{benchID((i + 1 + j) % n), shard.Edge{Allow: shard.Allow}}
		}
		if o := c.SetEdges(benchID(i), edges, outcomes); o != shard.Done || outcomes[each-1] != shard.Done {
			b.Fatal(o, outcomes[each-1])
		}
	}
}
