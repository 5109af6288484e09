package host

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/scaiwave/presence/shard"
)

// lateness is a gateway that notes how long after its device's deadline each participant is told to
// be offline.
type lateness struct {
	due  []atomic.Int64 // Unix nanoseconds, by the number in the id
	hist *hdrhistogram.Histogram
	seen atomic.Int64
	all  chan struct{}
}

func (l *lateness) Evict(Eviction) {}

func (l *lateness) Moved([]int) {}

func (l *lateness) Deliver(updates []Update) {
	now := time.Now().UnixNano()
	for _, u := range updates {
		if u.View.Public != shard.Offline {
			continue
		}
		i, _ := strconv.Atoi(u.ID[len("leaving-"):])
		l.hist.RecordValue(max(now-l.due[i].Load(), 0))
		if l.seen.Add(1) == int64(len(l.due)) {
			close(l.all)
		}
	}
}

// BenchmarkExpiry is in real time: one million devices expire over 30 s, while another million
// lives and beats 100,000 times a second. It measures how late the events leave, from the deadline
// on; a tick is 100 ms.
func BenchmarkExpiry(b *testing.B) {
	n := sized(1_000_000)
	for range b.N {
		s := DefaultSettings()
		s.HeartbeatInterval, s.Grace = 15*time.Second, 2*time.Second // 32 s to the deadline
		if testing.Short() {
			s.HeartbeatInterval = time.Second
		}
		h, err := New(Config{Partitions: 4096, Settings: s})
		if err != nil {
			b.Fatal(err)
		}
		l := &lateness{
			due: make([]atomic.Int64, n), hist: hdrhistogram.New(1, int64(time.Hour), 3),
			all: make(chan struct{}),
		}
		id, err := h.AddSink(l)
		if err != nil {
			b.Fatal(err)
		}
		leaving, living := make([]string, n), make([]Heartbeat, n)
		for i := range n {
			leaving[i] = fmt.Sprintf("leaving-%d", i)
			living[i] = Heartbeat{benchID(i), "device-00000", shard.ActivityOnline}
		}
		watch(h, id, leaving...)
		h.Start()
		for at := 0; at < n; at += 1000 {
			h.Heartbeats(living[at:at+1000], make([]shard.Outcome, 1000))
		}
		joinAndBeat(h, l, leaving, living)
		h.Close()
		b.ReportMetric(float64(l.hist.ValueAtQuantile(50))/1e6, "p50-ms-late")
		b.ReportMetric(float64(l.hist.ValueAtQuantile(99))/1e6, "p99-ms-late")
		b.ReportMetric(float64(l.hist.Max())/1e6, "max-ms-late")
		b.ReportMetric(0, "ns/op")
	}
}

// joinAndBeat lets the leaving join over 30 s and never beat, and the living beat until all have
// left.
func joinAndBeat(h *Host, l *lateness, leaving []string, living []Heartbeat) {
	const step = 10 * time.Millisecond
	tick := time.NewTicker(step)
	defer tick.Stop()
	outcomes := make([]shard.Outcome, 1000)
	joined, beaten, perStep := 0, 0, max(10, len(leaving)/int(30*time.Second/step))
	for {
		select {
		case <-l.all:
			return
		case <-tick.C:
		}
		for end := min(joined+perStep, len(leaving)); joined < end; joined++ {
			l.due[joined].Store(time.Now().Add(h.deadline()).UnixNano())
			h.Attach(leaving[joined], "device-00000", shard.ActivityOnline)
		}
		h.Heartbeats(living[beaten:beaten+1000], outcomes)
		beaten = (beaten + 1000) % len(living)
	}
}

func (h *Host) deadline() time.Duration { return time.Duration(h.settings.Deadline) * h.tick }
