package target

import (
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/result"
)

// SampleEvery is how often a Meter samples: often enough for a plot, at a thousandth of a core for
// ten processes.
const SampleEvery = 250 * time.Millisecond

// Meter watches processes. Its CPU-seconds are of the time between Begin and End: warm-up doesn't
// count.
type Meter struct {
	start   time.Time
	stop    chan struct{}
	stopped sync.WaitGroup

	mu       sync.Mutex
	counting bool
	watched  []*watched
}

type watched struct {
	result.Process
	begun time.Duration // CPU when the counting began
	last  time.Duration // CPU at the last sample
	gone  bool
}

// NewMeter returns a meter whose samples count their time from start. Close ends it.
func NewMeter(start time.Time) *Meter {
	m := &Meter{start: start, stop: make(chan struct{})}
	m.stopped.Go(m.run)
	return m
}

func (m *Meter) run() {
	t := time.NewTicker(SampleEvery)
	defer t.Stop()
	for {
		select {
		case <-m.stop:
			return
		case <-t.C:
			m.mu.Lock()
			m.sampleAll()
			m.mu.Unlock()
		}
	}
}

// Watch adds a process. A node that is started again is another process of the same name.
func (m *Meter) Watch(name, kind string, pid int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := &watched{Process: result.Process{Name: name, Kind: kind, PID: pid}}
	m.watched = append(m.watched, w)
	m.sample(w)
	if w.begun = w.last; m.counting {
		w.begun = 0 // the process began after the counting
	}
}

// Begin begins the counting anew.
func (m *Meter) Begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counting = true
	for _, w := range m.watched {
		m.sample(w)
		w.begun, w.CPU = w.last, 0
	}
}

// End ends the counting. Samples go on.
func (m *Meter) End() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sampleAll()
	m.counting = false
}

func (m *Meter) sampleAll() {
	for _, w := range m.watched {
		m.sample(w)
	}
}

// sample samples a process. A process that has ended keeps what its last sample said.
func (m *Meter) sample(w *watched) {
	if w.gone {
		return
	}
	u, err := UsageOf(w.PID)
	if err != nil || u.RSS == 0 {
		w.gone = true
		return
	}
	w.last = u.CPU
	if m.counting {
		w.CPU = (u.CPU - w.begun).Seconds()
	}
	w.RSSPeak, w.RSSEnd = max(w.RSSPeak, u.Peak), u.RSS
	w.Samples = append(w.Samples, result.Sample{At: time.Since(m.start).Seconds(), CPU: u.CPU.Seconds(), RSS: u.RSS})
}

// CPU returns what the processes of a kind have used since Begin.
func (m *Meter) CPU(kind string) (seconds float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sampleAll()
	for _, w := range m.watched {
		if w.Kind == kind {
			seconds += w.Process.CPU
		}
	}
	return seconds
}

// RSS returns what the processes of a kind hold now.
func (m *Meter) RSS(kind string) (bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sampleAll()
	for _, w := range m.watched {
		if w.Kind == kind && !w.gone {
			bytes += w.RSSEnd
		}
	}
	return bytes
}

// Close ends the sampling, and returns what each process used.
func (m *Meter) Close() (all []result.Process) {
	close(m.stop)
	m.stopped.Wait()
	for _, w := range m.watched {
		all = append(all, w.Process)
	}
	return all
}
