package load

import (
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestALeavingNodeHangsUpFirst: a visitor that is told to come back stays until then, or until the
// node hangs up. Otherwise its device would linger, and come back too late.
func TestALeavingNodeHangsUpFirst(t *testing.T) {
	for name, hangsUpAfter := range map[string]time.Duration{"it does": time.Second, "it doesn't": time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			here, there := net.Pipe()
			v := &Visitor{Records: NewRecorder(), Backoff: time.Second}
			told := 0
			v.Told = func() { told++ }
			s := newSocket(here)
			go func() {
				text := `{"type":"reconnect","after_ms":20000}`
				_, _ = there.Write(slices.Concat([]byte{opText, byte(len(text))}, []byte(text)))
			}()
			defer time.AfterFunc(hangsUpAfter, func() { _ = there.Close() }).Stop()
			begun := time.Now()
			at, again := v.read(t.Context(), s)
			if !again || at.Sub(begun) != 20*time.Second || told != 1 {
				t.Errorf("%s: again %v, after %v, told %d times", name, again, at.Sub(begun), told)
			}
			if took, want := time.Since(begun), min(hangsUpAfter, 20*time.Second); took != want {
				t.Errorf("%s: stayed for %v, want %v", name, took, want)
			}
		})
	}
}
