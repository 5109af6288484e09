package load

import (
	"fmt"
	"io"
	"maps"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// TestEachHeartbeatOfASocketCounts: a server that falls behind must not lower its load.
func TestEachHeartbeatOfASocketCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer here.Close()
		go func() { _, _ = io.Copy(io.Discard, there) }()
		v, s := &Visitor{Records: NewRecorder()}, &socket{conn: here}
		v.Records.Begin()
		v.now.Store(s)
		begin := time.Now()
		beat := func(after time.Duration) { v.Beat(begin.Add(after), "online") }
		answer := func(kind string, after time.Duration) {
			v.answered(s, fmt.Appendf(nil, `{"type":"%s","req":"%d"}`, kind, begin.Add(after).UnixNano()))
		}
		want := func(what string, offered, achieved int64, errs map[string]int64) {
			t.Helper()
			if c := v.Records.Counts(); c.Offered != offered || c.Achieved != achieved || !maps.Equal(c.Errors, errs) {
				t.Errorf("%s: %+v; want %d offered, %d achieved, %v", what, c, offered, achieved, errs)
			}
		}
		for i := range time.Duration(4) {
			beat(i * time.Second)
		}
		want("while none is answered", 4, 0, nil)
		time.Sleep(4 * time.Second)
		answer("ok", 2*time.Second)
		answer("ok", 2*time.Second)
		answer("error", time.Second)
		want("an ok twice, and an error", 4, 1, map[string]int64{errBeatRefused.Error(): 1})
		if got := v.Records.Quantile(SocketBeat, 100); got.Round(10*time.Millisecond) != 2*time.Second {
			t.Errorf("took %v; want 2s", got)
		}
		beat(answerPatience + time.Millisecond)
		want("the first is too old", 5, 1, map[string]int64{errBeatRefused.Error(): 1, ErrUnanswered.Error(): 1})
		answer("ok", 0)
		want("it is answered after all", 5, 1, map[string]int64{errBeatRefused.Error(): 1, ErrUnanswered.Error(): 1})
		here.Close()
		beat(2 * answerPatience)
		want("another is too old, and nothing can be sent", 6, 1,
			map[string]int64{errBeatRefused.Error(): 1, ErrUnanswered.Error(): 2, "other": 1})
	})
}
