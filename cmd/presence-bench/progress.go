package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows phases: as bars on a terminal, elsewhere as a line each.
type progress struct {
	w        io.Writer
	terminal bool
	stop     chan struct{} // of the bar that runs; nil: none
	running  sync.WaitGroup
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok {
		return &progress{w: w}
	}
	info, err := f.Stat()
	return &progress{w: w, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

const barStep = 100 * time.Millisecond

// Phase begins the next phase.
func (p *progress) Phase(name string, length time.Duration) {
	p.Close()
	if !p.terminal {
		if length > 0 {
			name += fmt.Sprintf(" (%v)", length)
		}
		fmt.Fprintln(p.w, name)
		return
	}
	steps := int64(length / barStep)
	if length == 0 {
		steps = -1 // a spinner
	}
	bar := progressbar.NewOptions64(steps, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(name),
		progressbar.OptionSetWidth(30), progressbar.OptionSetPredictTime(false))
	p.stop = make(chan struct{})
	p.running.Go(func() { turn(bar, p.stop) })
}

func turn(bar *progressbar.ProgressBar, stop <-chan struct{}) {
	t := time.NewTicker(barStep)
	defer t.Stop()
	for {
		select {
		case <-stop:
			_ = bar.Finish()
			return
		case <-t.C:
			_ = bar.Add(1)
		}
	}
}

// Close ends the bar that runs.
func (p *progress) Close() {
	if p.stop != nil {
		close(p.stop)
		p.running.Wait()
		p.stop = nil
		fmt.Fprintln(p.w)
	}
}
