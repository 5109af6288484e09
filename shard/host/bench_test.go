package host

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// The benchmarks run a host of 4096 partitions, as a node does, with ids of 24 bytes and device ids
// of 12. Time is virtual: a tick passes when as many heartbeats have been made as come in a tick of
// 100 ms at one in 30 s a device.
const (
	ticksPerInterval = 300
	benchBatch       = 512
)

var benchSizes = []int{1_000_000, 10_000_000}

// sized is n, and a thousandth of it with -short: then a benchmark is run to see that it works.
func sized(n int) int {
	if testing.Short() {
		return n / 1000
	}
	return n
}

func benchID(i int) string { return fmt.Sprintf("participant-%012x", i*2654435761) }

type crowd struct {
	*Host
	now     shard.Tick
	handles []Handle
	since   int
}

// newCrowd is a host with n participants of one or two devices.
func newCrowd(b *testing.B, n, devices int) *crowd {
	return newCrowdOf(b, DefaultSettings(), n, devices)
}

func newCrowdOf(b *testing.B, s Settings, n, devices int) *crowd {
	h, err := New(Config{Partitions: 4096, Settings: s})
	if err != nil {
		b.Fatal(err)
	}
	c := &crowd{Host: h, now: shard.Origin, handles: make([]Handle, n)}
	for d := range devices {
		device := fmt.Sprintf("device-%05d", d)
		for i := range n {
			c.handles[i] = c.announce(benchID(i), device)
			c.beat(1, n)
		}
	}
	return c
}

func (c *crowd) announce(id, device string) Handle {
	k := shard.KeyOf(id)
	n := c.partitionOf(k)
	s := c.lock(n)
	defer s.Unlock()
	ref, _, _ := c.partitions[n].Announce(c.now, shard.Announcement{
		Participant: k, Device: device, Activity: shard.ActivityOnline, Session: c.stamps.next(),
	})
	c.publish(s, n)
	return Handle{uint16(n), ref}
}

// beat lets time pass after some heartbeats of a crowd of n.
func (c *crowd) beat(beats, n int) {
	if c.since += beats; c.since >= n/ticksPerInterval {
		c.since = 0
		c.now++
		c.advance(c.now)
	}
}

func (c *crowd) shuffle() {
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(c.handles), func(i, j int) { c.handles[i], c.handles[j] = c.handles[j], c.handles[i] })
}

// named are a million of the crowd's ids in random order.
func (c *crowd) named(n int) []string {
	ids := make([]string, 1_000_000)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range ids {
		ids[i] = benchID(r.IntN(n))
	}
	return ids
}

func eachSize(b *testing.B, devices int, f func(b *testing.B, c *crowd, n int)) {
	for _, n := range benchSizes {
		n = sized(n)
		c := newCrowd(b, n, devices)
		runtime.GC()
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			before := cpuTime()
			f(b, c, n)
			b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkTouch is a heartbeat by handle, random order, the wheel included, in batches of 512.
func BenchmarkTouch(b *testing.B) {
	eachSize(b, 1, func(b *testing.B, c *crowd, n int) {
		c.shuffle()
		outcomes := make([]shard.Outcome, benchBatch)
		at := 0
		b.ReportAllocs()
		for i := 0; i < b.N; i += benchBatch {
			if at+benchBatch > n {
				at = 0
			}
			c.touch(c.now, c.handles[at:at+benchBatch], outcomes)
			at += benchBatch
			c.beat(benchBatch, n)
		}
		for _, o := range outcomes {
			if o != shard.Done {
				b.Fatal("stale handle")
			}
		}
	})
}

// BenchmarkHeartbeat is a heartbeat by name of a known device, random order.
func BenchmarkHeartbeat(b *testing.B) {
	for _, size := range []int{1, 32, 512} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			eachSize(b, 1, func(b *testing.B, c *crowd, n int) {
				ids := c.named(n)
				beats := make([]Heartbeat, size)
				outcomes := make([]shard.Outcome, size)
				at := 0
				b.ReportAllocs()
				b.ResetTimer()
				for i := 0; i < b.N; i += size {
					if at+size > len(ids) {
						at = 0
					}
					for j := range beats {
						beats[j] = Heartbeat{ids[at+j], "device-00000", shard.ActivityOnline}
					}
					at += size
					c.Heartbeats(beats, outcomes)
				}
			})
		})
	}
}

// BenchmarkStates is a query of 100 ids, an operation an id.
func BenchmarkStates(b *testing.B) {
	eachSize(b, 1, func(b *testing.B, c *crowd, n int) {
		ids := c.named(n)
		states := make([]shard.State, 100)
		at := 0
		b.ReportAllocs()
		b.ResetTimer()
		for i := 0; i < b.N; i += 100 {
			if at+100 > len(ids) {
				at = 0
			}
			c.States("somebody", ids[at:at+100], states, shard.Unknown)
			at += 100
		}
	})
}

// BenchmarkFloor is a read-modify-write of eight bytes at random in an array of as many elements:
// what the machine asks for any such work.
func BenchmarkFloor(b *testing.B) {
	for _, n := range benchSizes {
		n = sized(n)
		cells := make([]uint64, n)
		order := rand.New(rand.NewPCG(1, 2)).Perm(n)
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			i := 0
			for b.Loop() {
				cells[order[i]]++
				if i++; i == n {
					i = 0
				}
			}
		})
	}
}

// BenchmarkMemory measures what participants take: resident bytes each, above those of the empty
// process, those of records and names and what is free in their pages, and the processor time of a
// forced garbage collection.
func BenchmarkMemory(b *testing.B) {
	for _, n := range benchSizes {
		for _, devices := range []int{1, 2} {
			benchmarkMemory(b, sized(n), devices)
		}
	}
}

func benchmarkMemory(b *testing.B, n, devices int) {
	b.Run(fmt.Sprintf("n=%d/devices=%d", n, devices), func(b *testing.B) {
		for range b.N {
			debug.FreeOSMemory()
			before := resident(b)
			c := newCrowd(b, n, devices)
			c.handles = nil
			debug.FreeOSMemory()
			b.ReportMetric(float64(resident(b)-before)/float64(n), "RSS-B/participant")
			all := c.Bytes()
			b.ReportMetric(float64(all.All()-all.Free)/float64(n), "used-B/participant")
			b.ReportMetric(float64(all.Free)/float64(n), "free-B/participant")
			b.ReportMetric(collect().Seconds()*1e3, "GC-CPU-ms")
			b.ReportMetric(0, "ns/op")
			runtime.KeepAlive(c)
		}
	})
}

// resident is the process's resident memory in bytes.
func resident(b *testing.B) int {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("no /proc here: ", err)
	}
	var size, pages int
	if _, err := fmt.Fscan(strings.NewReader(string(data)), &size, &pages); err != nil {
		b.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// collect forces a collection and returns the processor time that the process needed for it.
func collect() time.Duration {
	before := cpuTime()
	runtime.GC()
	return cpuTime() - before
}
