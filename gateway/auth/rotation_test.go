package auth

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// client sends its token as a client does that takes `unavailable` for what it is, and a refusal
// for the end.
func client(t testing.TB, a Authenticator, token string, in, lost *atomic.Int64) {
	for {
		_, err := a.Authenticate(t.Context(), token)
		switch {
		case err == nil:
			in.Add(1)
			return
		case !errors.Is(err, ErrUnavailable):
			lost.Add(1)
			t.Error(err)
			return
		}
		time.Sleep(After(err))
	}
}

// stranger makes tokens up.
type stranger struct {
	perSecond int
	token     func(t testing.TB, n int) string
	made      int
}

// second is one of a stranger's. Nobody waits for the answers.
func (s *stranger) second(ctx context.Context, t *testing.T, a Authenticator) {
	for range s.perSecond {
		token := s.token(t, s.made)
		s.made++
		go func() { _, _ = a.Authenticate(ctx, token) }()
	}
	pass(time.Second)
}

func outsider(t testing.TB, n int) string { // of another issuer
	return good(t, "EdDSA", testEd, fmt.Sprint("invented ", n))
}

func insider(t testing.TB, n int) string {
	return tokenOf(t, fmt.Sprint("stranger ", n), fmt.Sprint("invented ", n))
}

func rotator(t testing.TB, n int) string { // as after a rotation
	return tokenOf(t, fmt.Sprint("stranger ", n%9), fmt.Sprint("invented ", n/9))
}

// A key is replaced without a word, and strangers make up tokens before and after. Nobody is lost,
// and it takes seconds.
func TestRotationBesideStrangers(t *testing.T) {
	for name, c := range map[string]struct {
		stranger
		fetches int // in the 80 s before the rotation, at most
		within  time.Duration
	}{
		"nobody":                            {stranger{}, 1, 0},
		"made-up tokens":                    {stranger{perSecond: 1, token: outsider}, 1, 0},
		"who knows issuer and audience":     {stranger{perSecond: 1, token: insider}, 22, 2 * time.Second},
		"a flood of who knows them":         {stranger{perSecond: 100, token: insider}, 22, 2 * time.Second},
		"who makes it look like a rotation": {stranger{perSecond: 100, token: rotator}, 30, 8 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var i issuer
				i.publish(jwk(testRSA, named("k")))
				a := i.strict(t)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				for range 80 {
					c.second(ctx, t, a)
				}
				if n := i.count(); n > c.fetches {
					t.Errorf("%d fetches in 80 s; want %d at most", n, c.fetches)
				}
				i.publish(jwk(testEd, named("new")))
				took, in, lost := rush(t, a, func() { c.second(ctx, t, a) })
				if in != 200 || took > c.within {
					t.Errorf("%d of 200 clients are in after %v, %d lost; want all within %v", in, took, lost, c.within)
				}
			})
		})
	}
}

// rush has 200 clients come with the new key, and returns how long it took until all were judged,
// or a minute.
func rush(t *testing.T, a Authenticator, meanwhile func()) (took time.Duration, in, lost int64) {
	start := time.Now()
	var good, bad atomic.Int64
	for n := range 200 {
		token := tokenOf(t, fmt.Sprint("client", n), "new")
		go client(t, a, token, &good, &bad)
	}
	synctest.Wait()
	for good.Load()+bad.Load() < 200 && time.Since(start) < time.Minute {
		meanwhile()
	}
	return time.Since(start), good.Load(), bad.Load()
}

// The key server is down at the moment of the rotation, and comes back.
func TestRotationWhileTheKeyServerIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")))
		a := i.strict(t)
		pass(time.Minute)
		i.set("")
		seconds := 0
		took, in, lost := rush(t, a, func() {
			if seconds++; seconds == 50 {
				i.publish(jwk(testEd, named("new")))
			}
			pass(time.Second)
		})
		if in != 200 || took < 49*time.Second || took > 49*time.Second+askEvery+maxHold {
			t.Errorf("%d of 200 clients are in after %v, %d lost; the keys were there after 49 s", in, took, lost)
		}
	})
}
