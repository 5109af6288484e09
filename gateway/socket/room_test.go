package socket

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/admit"
)

// largeQuery is a frame of over 40 KiB.
func largeQuery(req string) string {
	return fmt.Sprintf(`{"type":"query","req":%q,"ids":%s}`, req, manyIDs(1000)) + strings.Repeat(" ", 40<<10)
}

// withMemory runs f with memory for n frames of up to 64 KiB, of which each participant may have
// all.
func withMemory(t *testing.T, n int64, f func(e *env, memory *admit.Shares)) {
	load := admit.Load{Shortest: 4, Most: 1000, Each: idBytes}
	memory := admit.NewShares(admit.NewBudget(n*load.Weight(maxInboxBytes)), n*load.Weight(maxInboxBytes))
	run(t, func(c *Config) { c.Memory = memory }, func(e *env) { f(e, memory) })
}

// begin sends a part of a frame and leaves it at that.
func (c *client) begin(text string) io.WriteCloser {
	c.t.Helper()
	w, err := c.ws.Writer(context.Background(), websocket.MessageText)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return w
}

// A frame for which there is no memory is passed over after five seconds; the connection stays.
func TestFrameWithoutRoom(t *testing.T) {
	withMemory(t, 1, func(e *env, memory *admit.Shares) {
		slow, c := e.join("slow", ""), e.join("ann", "")
		rest := slow.begin(largeQuery("s")[:20<<10])
		synctest.Wait()
		if memory.Budget().Used() == 0 {
			t.Error("the frame that is held back takes nothing")
		}
		start := time.Now()
		c.send("%s", largeQuery("q"))
		c.wantPart(`"error"`, `"unavailable"`, `"req":"q"`)
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("refused after %v", took)
		}
		c.send(`{"type":"query","req":"small","ids":["a"]}`)
		c.wantPart(`"result"`, `"small"`)
		time.AfterFunc(3*time.Second, func() {
			_, _ = io.WriteString(rest, largeQuery("s")[20<<10:])
			_ = rest.Close()
		})
		c.send("%s", largeQuery("q"))
		slow.wantPart(`"result"`, `"s"`)
		c.wantPart(`"result"`, `"q"`)
		synctest.Wait()
		if used := memory.Budget().Used(); used != 0 {
			t.Errorf("%d bytes are left", used)
		}
		c.leave()
		slow.leave()
	})
}

// What a frame has taken comes back when its connection goes, too.
func TestFrameOfAClientThatGoes(t *testing.T) {
	withMemory(t, 1, func(e *env, memory *admit.Shares) {
		c := e.join("ann", "")
		c.begin(largeQuery("q")[:20<<10])
		synctest.Wait()
		c.leave()
		synctest.Wait()
		if used := memory.Budget().Used(); used != 0 {
			t.Errorf("%d bytes are left", used)
		}
	})
}

// A frame that is too large closes the connection, whether there is memory for it or not.
func TestFrameTooLargeWithoutRoom(t *testing.T) {
	withMemory(t, 1, func(e *env, _ *admit.Shares) {
		slow, c := e.join("slow", ""), e.join("ann", "")
		slow.begin(largeQuery("s")[:20<<10])
		go func() { _ = c.ws.Write(context.Background(), websocket.MessageText, make([]byte, 300<<10)) }()
		c.wantClose(closeTooLarge)
		slow.leave()
	})
}

// A client that doesn't fetch its answers keeps what they were made with, and no more is made.
func TestUnreadAnswersHoldMemory(t *testing.T) {
	withMemory(t, 2, func(e *env, memory *admit.Shares) {
		c := e.connect(nil)
		c.send(`{"type":"hello","token":"ann"}`)
		ids := `["` + strings.Repeat("a", 100) + `"`
		for i := range 900 {
			ids += fmt.Sprintf(`,"%s%03d"`, strings.Repeat("a", 60), i)
		}
		go func() {
			for range 20 {
				_ = c.ws.Write(context.Background(), websocket.MessageText,
					fmt.Appendf(nil, `{"type":"query","req":"q","ids":%s]}`, ids))
			}
		}()
		time.Sleep(time.Second) // longer than any answer takes, shorter than a write may
		synctest.Wait()
		if memory.Budget().Used() == 0 {
			t.Error("20 answers wait, and take nothing")
		}
		if n := e.srv.Stats().Messages["query"]; n > 3 {
			t.Errorf("%d queries were answered with nobody reading", n)
		}
		c.leave()
		synctest.Wait()
		if used := memory.Budget().Used(); used != 0 {
			t.Errorf("%d bytes are left", used)
		}
	})
}

// Frames that strangers hold back, however many, take a part of one share: the rest is for who has
// said hello.
func TestStrangersHaveAPartOfAShare(t *testing.T) {
	withMemory(t, 2, func(e *env, memory *admit.Shares) {
		for range 40 {
			e.open().begin(`{"type":"hello","token":"` + strings.Repeat("x", 12<<10))
		}
		synctest.Wait()
		all := memory.HoldPart(strangers, strangersPart)
		if used, most := memory.Budget().Used(), all.Most(); used == 0 || used > most {
			t.Errorf("strangers take %d bytes, and may have %d", used, most)
		}
		c := e.join("ann", "")
		c.send("%s", largeQuery("q"))
		c.wantPart(`"result"`, `"q"`)
		c.leave()
	})
}

// However large the buffer is that another message has left, what may be read into it is asked for.
func TestInboxAsksWhateverItsBufferHolds(t *testing.T) {
	for _, size := range []int{inboxBytes, admit.SmallBytes, maxInboxBytes} {
		in := &inbox{buf: make([]byte, size)}
		var asked []int
		n, err := in.read(strings.NewReader(strings.Repeat("x", 100<<10)), 256<<10, func(size int) error {
			asked = append(asked, size)
			return nil
		})
		if n != 100<<10 || err != nil || fmt.Sprint(asked) != fmt.Sprint([]int{maxInboxBytes, 256<<10 + 1}) {
			t.Errorf("buffer of %d: read %d, %v, asked for %d", size, n, err, asked)
		}
		in = &inbox{buf: make([]byte, size)}
		if n, err := in.read(strings.NewReader(strings.Repeat("x", admit.SmallBytes-1)), 256<<10,
			nil); n != admit.SmallBytes-1 || err != nil {
			t.Errorf("a small one: read %d, %v", n, err)
		}
	}
}
