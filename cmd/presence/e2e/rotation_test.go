package e2e

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestRotationOfManySockets: 200 clients come with a key that nobody announced, beside a stranger
// who makes keys up. All get in, each on the socket that it came with.
func TestRotationOfManySockets(t *testing.T) {
	t.Parallel()
	first, second := newEdKey(t), newEdKey(t)
	keys := newKeyServer(t, edJWK("first", first))
	s := start(t, "--auth=jwt", "--jwt-jwks-url="+keys.URL)
	var ended atomic.Bool
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for i := 0; !ended.Load(); i++ {
				made := key{jwt.SigningMethodEdDSA, second, fmt.Sprintf("made-up-%d-%d", n, i)}
				s.as(made.token(t, jwt.MapClaims{"sub": "stranger"})).get(t, "/v1/presence?ids=a")
			}
		})
	}
	before := keys.asked.Load()
	eventually(t, "the stranger has had keys fetched", func() bool { return keys.asked.Load() >= before+4 })
	keys.publish(edJWK("second", second))
	var clients sync.WaitGroup
	for n := range 200 {
		c := s.as(key{jwt.SigningMethodEdDSA, second, "second"}.token(t,
			jwt.MapClaims{"sub": fmt.Sprint("client-", n)}))
		clients.Go(func() { c.comeIn(t) })
	}
	clients.Wait()
	ended.Store(true)
	all.Wait()
}

// comeIn says hello until it is let in. That it can't be judged now is the only refusal that is
// taken.
func (c caller) comeIn(t testing.TB) {
	t.Helper()
	w := c.mute(t)
	for begun := time.Now(); ; {
		f := w.ask(t, c.helloMessage(nil))
		switch {
		case f.Type == "welcome":
			return
		case f.Code != "unavailable" || time.Since(begun) > patience:
			t.Errorf("%s after %v", f.raw, time.Since(begun))
			return
		}
	}
}
