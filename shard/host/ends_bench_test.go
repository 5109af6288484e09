package host

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/scaiwave/presence/shard"
)

// endings is a gateway that notes how long after its end each status is told to be gone.
type endings struct{ lateness }

func (l *endings) Deliver(updates []Update) {
	now := time.Now().UnixNano()
	for _, u := range updates {
		if u.View.Sayings != nil {
			continue
		}
		i, _ := strconv.Atoi(u.ID[len("ending-"):])
		l.hist.RecordValue(max(now-l.due[i].Load(), 0))
		if l.seen.Add(1) == int64(len(l.due)) {
			close(l.all)
		}
	}
}

// BenchmarkEnds is in real time: 100,000 statuses end within 30 s, while a million devices live and
// beat 100,000 times a second. It measures how late the events leave, from the end on; a tick is
// 100 ms.
func BenchmarkEnds(b *testing.B) {
	ahead, span := 10*time.Second, 30*time.Second
	if testing.Short() {
		ahead, span = time.Second, time.Second
	}
	for range b.N {
		l := endAll(b, sized(1_000_000), sized(100_000), ahead, span)
		b.ReportMetric(float64(l.hist.ValueAtQuantile(50))/1e6, "p50-ms-late")
		b.ReportMetric(float64(l.hist.ValueAtQuantile(99))/1e6, "p99-ms-late")
		b.ReportMetric(float64(l.hist.Max())/1e6, "max-ms-late")
		b.ReportMetric(0, "ns/op")
	}
}

// TestEndsAreToldAtOnce is the same on a small scale, where time stands still while something is
// done: the event of each end leaves with the next tick.
func TestEndsAreToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := endAll(t, 2000, 5000, time.Second, 3*time.Second)
		if late := time.Duration(l.hist.Max()); late > 101*time.Millisecond || l.hist.TotalCount() != 5000 {
			t.Errorf("of %d ends the last one is told %v late", l.hist.TotalCount(), late)
		}
	})
}

// endAll has as many statuses end within a span, and n devices live beside them.
func endAll(tb testing.TB, n, many int, ahead, span time.Duration) *endings {
	h, err := New(Config{Partitions: 4096, Settings: DefaultSettings()})
	if err != nil {
		tb.Fatal(err)
	}
	l := &endings{lateness{
		due: make([]atomic.Int64, many), hist: hdrhistogram.New(1, int64(time.Hour), 3), all: make(chan struct{}),
	}}
	id, err := h.AddSink(l)
	if err != nil {
		tb.Fatal(err)
	}
	living, ending := make([]Heartbeat, n), make([]string, many)
	for i := range n {
		living[i] = Heartbeat{benchID(i), "device-00000", shard.ActivityOnline}
	}
	for i := range many {
		ending[i] = fmt.Sprintf("ending-%d", i)
	}
	watch(h, id, ending...)
	h.Start()
	for at := 0; at < n; at += 1000 {
		h.Heartbeats(living[at:at+1000], make([]shard.Outcome, 1000))
	}
	begin := time.Now().Add(ahead)
	for i := range ending {
		end := begin.Add(time.Duration(i) * span / time.Duration(many)).Truncate(time.Millisecond)
		l.due[i].Store(end.UnixNano())
		h.SetStatus(ending[i], shard.Status{Text: "back soon", Until: end.UnixMilli()}, false)
	}
	beatUntil(h, l.all, living)
	h.Close()
	return l
}

// beatUntil has the living beat until all is over.
func beatUntil(h *Host, over <-chan struct{}, living []Heartbeat) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	outcomes := make([]shard.Outcome, 1000)
	for at := 0; ; at = (at + 1000) % len(living) {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		h.Heartbeats(living[at:at+1000], outcomes)
	}
}
