package sim

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

const (
	crowds = 4
	crowd  = 1000
	// bytes, by which memory may differ after one crowd and after another; a crowd takes more at
	// least
	mayGrow = 192 << 10
)

// TestChurn: crowds come, are watched, and go, each of other people. One node stands still for a
// while each time, and so does somebody who watches, so that what is on its way to them waits.
// Memory is then what it was after the first crowds.
func TestChurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, 3, everybody, slog.New(slog.DiscardHandler))
		w.bootAll()
		sleep(w.ctx, settled)
		var before, after, full uint64
		for i := range crowds {
			full = w.churn(t, i)
			if i == 1 {
				before = heap()
			}
		}
		after = heap()
		t.Logf("heap: %d KiB with a crowd there, %d after the second, %d after the last", full>>10, before>>10,
			after>>10)
		if after > before+mayGrow {
			t.Errorf("memory grows: %d bytes after the second crowd, %d after the last", before, after)
		}
		if full < before+mayGrow {
			t.Errorf("a crowd takes %d bytes only, so that its leak would not be seen", full-before)
		}
		w.end()
		time.Sleep(time.Minute)
	})
}

func (w *world) churn(t *testing.T, round int) (full uint64) {
	ids, beats := make([]string, crowd), make([]map[string]string, crowd)
	for i := range ids {
		ids[i] = fmt.Sprintf("crowd-%d-somebody-%d", round, i)
		beats[i] = map[string]string{"participant_id": ids[i], "device_id": "phone", "activity": "online"}
	}
	come := func(part []map[string]string) {
		ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
		defer cancel()
		if _, err := call(ctx, w.backend(), w.nodes[0].address, "POST", "/v1/heartbeats",
			map[string]any{"heartbeats": part}, nil); err != nil {
			t.Errorf("crowd %d: %v", round, err)
		}
	}
	watcher := &session{w: w, host: w.net.Host("10.4.0.1"), address: w.nodes[1].address, watches: ids[:400]}
	sleeper := &session{w: w, host: w.net.Host("10.4.0.2"), address: w.nodes[1].address, watches: ids[:400]}
	ctx, leave := context.WithCancel(w.ctx)
	for _, s := range []*session{watcher, sleeper} {
		w.running.Go(func() { s.readAll(ctx) })
	}
	sleep(w.ctx, 5*time.Second)
	sleeper.host.Freeze()
	come(beats[:crowd/2])
	n := w.nodes[2].node
	n.clock.stop()
	n.host.Freeze()
	come(beats[crowd/2:])
	sleep(w.ctx, 3*time.Second)
	n.host.Thaw()
	n.clock.resume()
	sleep(w.ctx, 20*time.Second)
	full = heap()
	sleeper.host.Thaw()
	leave()
	sleep(w.ctx, 5*time.Minute)
	for _, p := range w.nodes {
		if st := p.node.cluster.Stats(); st.Participants != 0 || st.Records != 0 || st.Watched != 0 ||
			st.LinkFull != 0 {
			t.Errorf("after crowd %d %s has %d participants, %d records, watches %d; %d outboxes were full",
				round, p.id, st.Participants, st.Records, st.Watched, st.LinkFull)
		}
	}
	return full
}

// readAll reads an event stream to its end, whatever it says.
func (s *session) readAll(ctx context.Context) {
	resp, err := s.request(ctx)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
}

// heap is how much memory is in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
