package sim

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestOneEventAChange: without faults, and with time between, who watches is told of each change
// once, in order, and of nothing else.
func TestOneEventAChange(t *testing.T) {
	t.Parallel()
	for seed := range uint64(*seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var violation, story string
			synctest.Test(t, func(t *testing.T) { violation, story = calm(seed) })
			if violation != "" {
				t.Fatalf("seed %d: %s\n%s", seed, violation, story)
			}
		})
	}
}

// apart is the time between steps: a lingering device must not end while another step is under way.
const apart = linger + 3700*time.Millisecond

// Without faults what has a time comes to the tick: a heartbeat counts from the tick that has
// begun, so the end may be a tick early, and it comes at most one late. exactly adds the way of the
// heartbeat, and promptly is that of an event.
const (
	exactly  = tick + 30*time.Millisecond
	promptly = tick + 30*time.Millisecond
)

func calm(seed uint64) (violation, story string) {
	w := newWorld(2*seed+1, 3, everybody, slog.New(slog.DiscardHandler)) // all of one version
	w.bootAll()
	w.model.slack, w.lag = exactly, promptly
	watchers, readers := map[*session]map[string][]string{}, map[*session]*readings{}
	for i, viewer := range []string{"stranger", everybody[0], everybody[1]} {
		for j, place := range []string{"socket", "events"} {
			s := w.enter(&session{id: viewer, place: place, stream: j == 1, watches: w.ids},
				fmt.Sprintf("10.4.%d.%d", i, j+1))
			expected := make(map[string][]string)
			watchers[s], readers[s] = expected, readingsOf(viewer)
			w.running.Go(func() { w.expect(viewer, expected, readers[s]) })
		}
	}
	script := plan{length: 10 * time.Minute, pause: apart, remarked: true}.write(seed, 3, everybody)
	for i := range script {
		script[i].at = settled + time.Duration(i+1)*apart
		if script[i].do == "sleep" { // it isn't known when what a sleeper says is heard
			script[i].do = "crash"
		}
		endApart(&script[i])
	}
	w.play(script)
	sleep(w.ctx, deadline+apart)
	w.mu.Lock()
	if w.counts.events < 5 {
		w.broken("only %d events after %d steps", w.counts.events, len(script))
	}
	for watcher, expected := range watchers {
		for _, id := range w.ids {
			if heard := watcher.heard[id]; !slices.Equal(heard, expected[id]) {
				w.broken("of %s, %q by %s was told %v, and should have been told %v", id, watcher.id, watcher.place,
					heard, expected[id])
			}
			if read, texts := watcher.read[id], readers[watcher].texts[id]; !slices.Equal(read, texts) {
				w.broken("of %s, %q by %s was told the statuses %q, and should have been told %q", id, watcher.id,
					watcher.place, read, texts)
			}
		}
	}
	w.mu.Unlock()
	w.end()
	time.Sleep(time.Minute)
	return w.violation, w.report(lines())
}

// expect notes what a viewer is sure to see, whenever it is another state than before.
func (w *world) expect(viewer string, seen map[string][]string, r *readings) {
	last := make(map[string]states)
	for w.ctx.Err() == nil {
		w.mu.Lock()
		for _, id := range w.ids {
			now := w.now()
			may := w.model.sees(viewer, id, now, now)
			if _, known := last[id]; known && may != last[id] && may&(may-1) == 0 {
				seen[id] = append(seen[id], may.String())
			}
			if may&(may-1) == 0 {
				last[id] = may
			}
			r.read(w, id)
		}
		w.mu.Unlock()
		sleep(w.ctx, 100*time.Millisecond)
	}
}
