package presence

import (
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestHandleThatPanics ends Run, the connection and what waits for it at once; so does one that
// ends its goroutine, as a test does that fails in it.
func TestHandleThatPanics(t *testing.T) {
	for name, leave := range map[string]func(){"panics": func() { panic("no") }, "exits": runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, func(p *peer) {
				p.greet()
				p.say(`{"type":"self","state":"online","override":"auto"}`)
				p.say(`{"type":"self","state":"busy","override":"busy"}`)
				_ = p.hang()
			})
			c, done := New(s.config()), make(chan any)
			go func() {
				defer func() { _ = recover(); close(done) }()
				_ = c.Run(t.Context(), func(e Event) {
					if _, ok := e.(Self); ok {
						synctest.Wait() // the reader has the next one already
						leave()
					}
				})
			}()
			<-done
			if took := time.Since(s.start); took != 0 {
				t.Errorf("%s: Run ended after %v", name, took)
			}
			synctest.Wait()
		})
	}
}

// TestSlowHandleLosesNothing: what was received while handle was busy is reported, though the
// connection has retired meanwhile. The next snapshot wouldn't tell it.
func TestSlowHandleLosesNothing(t *testing.T) {
	for range 10 { // of two channels that are ready any may be taken
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, func(p *peer) {
				p.greet()
				p.want(`{"type":"subscribe","req":"1","ids":["bob"]}`)
				p.say(`{"type":"presence","req":"1","states":{"bob":"online"}}`)
				p.say(`{"type":"reconnect","after_ms":0}`)
				p.say(`{"type":"presence","states":{"bob":"busy"}}`)
				_ = p.hang()
			}, func(p *peer) {
				p.greet()
				p.want(`{"type":"subscribe","req":"2","ids":["bob"]}`)
				p.say(`{"type":"presence","req":"2","states":{"bob":"busy"}}`)
				_ = p.ws.Close(CodeReplaced, "")
			})
			var told []string
			_ = s.watching("bob").Run(t.Context(), func(e Event) {
				if states, ok := e.(States); ok {
					told = append(told, states["bob"])
				}
				time.Sleep(time.Second)
			})
			if !slices.Equal(told, []string{Online, Busy}) {
				t.Errorf("told %q", told)
			}
		})
	}
}
