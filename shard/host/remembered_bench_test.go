package host

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// BenchmarkRemembered measures what a million people take who have gone, and whose last_seen is
// remembered for days: resident bytes each, and bytes in a data directory that has just been
// shortened. It is for the table of docs/operations.md.
func BenchmarkRemembered(b *testing.B) {
	const halfDay = shard.Tick(12 * time.Hour / (100 * time.Millisecond))
	n := sized(1_000_000)
	s := DefaultSettings()
	s.RecordTTL = 48 * time.Hour
	for _, devices := range []int{1, 2} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			for range b.N {
				debug.FreeOSMemory()
				before := resident(b)
				c := newCrowdOf(b, s, n, devices)
				c.handles = nil
				for end := c.now + 2*c.settings.Deadline; c.now < end; {
					c.now++
					c.advance(c.now)
				}
				if st := c.Stats(); st.Devices != 0 || st.Participants != n {
					b.Fatalf("%d devices are live, %d participants remembered", st.Devices, st.Participants)
				}
				debug.FreeOSMemory()
				b.ReportMetric(float64(resident(b)-before)/float64(n), "RSS-B/participant")
				disk := 0
				for p := range c.partitions {
					disk += len(c.partitions[p].Snapshot(c.now+halfDay, 1))
				}
				b.ReportMetric(float64(disk)/float64(n), "disk-B/participant")
				b.ReportMetric(0, "ns/op")
				runtime.KeepAlive(c)
			}
		})
	}
}
