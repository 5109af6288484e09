package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// tokenOf is a token of subject under a key name, for the issuer and audience of strict.
func tokenOf(t testing.TB, subject, kid string) string {
	t.Helper()
	return signed(t, "EdDSA", testEd, fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, kid),
		fmt.Sprintf(`{"sub":%q,"iss":"https://id","aud":"presence","exp":%d}`, subject, epoch.Add(time.Hour).Unix()))
}

// strict has the issuer's Authenticator ask for an issuer and an audience.
func (i *issuer) strict(t *testing.T) Authenticator {
	t.Helper()
	a, _ := i.follow(t)
	j := a.(*jwtAuthenticator)
	return newJWT(JWTConfig{Now: atEpoch, Issuer: "https://id", Audiences: []string{"presence"}}, j.keys, j.algs...)
}

// judged is how a token ends, and after how long.
func judged(t testing.TB, a Authenticator, token string) (time.Duration, error) {
	t.Helper()
	start := time.Now()
	_, err := a.Authenticate(t.Context(), token)
	return time.Since(start), err
}

func TestUnknownKeyIsFetchedWhileTheTokenWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")))
		a, _ := i.follow(t)
		pass(time.Minute)
		i.publish(jwk(testRSA, named("k")), jwk(testEd, named("new")))
		wantAlice(t, a, good(t, "EdDSA", testEd, "new"))
		wantAlice(t, a, good(t, "RS256", testRSA, "k"))
		if n := i.count(); n != 2 {
			t.Errorf("%d fetches; want 2", n)
		}
	})
}

// A fetch that was under way when the token came may have left before the key was published.
func TestRefusedOnlyAfterAFetchThatBeganLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")))
		a, _ := i.follow(t)
		pass(time.Minute)
		i.slow(1900 * time.Millisecond)
		begun := time.Now()
		go func() { _, _ = a.Authenticate(t.Context(), good(t, "EdDSA", testEd, "first")) }()
		pass(time.Second)
		_, err := judged(t, a, good(t, "EdDSA", testEd, "second"))
		wantRefused(t, err, ErrUnavailable, "send it again")
		pass(time.Second)
		wantUnknown(t, a, good(t, "EdDSA", testEd, "second"))
		if n := len(i.fetched()); n != 4 || !i.fetched()[2].After(begun) {
			t.Errorf("%d fetches, at %v", n, i.fetched())
		}
	})
}

// While a fetch could still bring the key nobody is told that the token is bad.
func TestKeyServerDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")))
		a := i.strict(t)
		pass(time.Minute)
		i.set("")
		for range 60 {
			for n := range 5 {
				_, err := judged(t, a, tokenOf(t, fmt.Sprint("p", n), "new"))
				wantRefused(t, err, ErrUnavailable, "send it again in")
				if After(err) < time.Second || After(err) > askEvery {
					t.Fatalf("to be sent again after %v", After(err))
				}
			}
			pass(time.Second)
		}
		i.publish(jwk(testEd, named("new")))
		pass(askEvery)
		if took, err := judged(t, a, tokenOf(t, "alice", "new")); err != nil || took > maxHold {
			t.Errorf("after the outage: %v, after %v", err, took)
		}
	})
}

// A fetch that hangs keeps nobody longer than a token may wait.
func TestHoldIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")))
		a, _ := i.follow(t)
		i.slow(time.Hour)
		pass(time.Minute)
		took, err := judged(t, a, good(t, "EdDSA", testEd, "new"))
		wantRefused(t, err, ErrUnavailable, "send it again")
		if took != maxHold {
			t.Errorf("held for %v; want %v", took, maxHold)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		_, err = a.Authenticate(gone, good(t, "EdDSA", testEd, "new"))
		wantRefused(t, err, ErrUnavailable, "send it again")
		if d := time.Since(start); d > 0 {
			t.Errorf("waited %v for a client that has gone", d)
		}
	})
}

func TestPlacesForHeldTokensAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")))
		a, _ := i.follow(t)
		pass(time.Minute)
		i.slow(time.Minute)
		var all sync.WaitGroup
		for n := range maxHeld {
			token := good(t, "EdDSA", testEd, fmt.Sprint("k", n))
			all.Go(func() { _, _ = a.Authenticate(t.Context(), token) })
		}
		synctest.Wait()
		if s, _ := KeysOf(a); s.Held != maxHeld || s.TurnedAway != 0 {
			t.Errorf("%+v; want %d held", s, maxHeld)
		}
		took, err := judged(t, a, good(t, "EdDSA", testEd, "one more"))
		wantRefused(t, err, ErrUnavailable, "send it again")
		if s, _ := KeysOf(a); took > 0 || s.TurnedAway != 1 {
			t.Errorf("waited %v, %+v; want one turned away at once", took, s)
		}
		all.Wait()
	})
}

// No fetch is made for a token that it couldn't help, and it is refused at once.
func TestNoFetchForWhatCannotBeGood(t *testing.T) {
	const header = `{"alg":"EdDSA","kid":"new"}`
	future := epoch.Add(time.Hour).Unix()
	for name, c := range map[string]struct {
		claims, word string
		kind         error
	}{
		"another issuer": {
			fmt.Sprintf(`{"sub":"a","iss":"https://x","aud":"presence","exp":%d}`, future),
			"issuer is another", ErrUnauthorized,
		},
		"another audience": {
			fmt.Sprintf(`{"sub":"a","iss":"https://id","aud":"x","exp":%d}`, future),
			"another audience", ErrUnauthorized,
		},
		"no audience": {
			fmt.Sprintf(`{"sub":"a","iss":"https://id","exp":%d}`, future), "missing",
			ErrUnauthorized,
		},
		"audience a number": {
			fmt.Sprintf(`{"sub":"a","iss":"https://id","aud":7,"exp":%d}`, future), "wrong type",
			ErrUnauthorized,
		},
		"no exp": {`{"sub":"a","iss":"https://id","aud":"presence"}`, "missing", ErrUnauthorized},
		"no sub": {
			fmt.Sprintf(`{"iss":"https://id","aud":"presence","exp":%d}`, future),
			"no participant id", ErrUnauthorized,
		},
		"not valid yet": {fmt.Sprintf(`{"sub":"a","iss":"https://id","aud":"presence","exp":%d,"nbf":%d}`, future,
			future), "not valid yet", ErrUnauthorized},
		"from the future": {fmt.Sprintf(`{"sub":"a","iss":"https://id","aud":"presence","exp":%d,"iat":%d}`, future,
			future), "in the future", ErrUnauthorized},
		"expired": {
			fmt.Sprintf(`{"sub":"a","iss":"https://id","aud":"presence","exp":%d}`, epoch.Unix()-60),
			"expired 1m0s ago", ErrExpired,
		},
		"expired, and more": {
			fmt.Sprintf(`{"sub":"a","iss":"https://x","aud":"presence","exp":%d}`, epoch.Unix()-60),
			"issuer is another", ErrUnauthorized,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var i issuer
				i.publish(jwk(testRSA, named("k")))
				a := i.strict(t)
				pass(time.Minute)
				took, err := judged(t, a, signed(t, "EdDSA", testEd, header, c.claims))
				wantRefused(t, err, c.kind, c.word)
				pass(time.Minute)
				if n := i.count(); n != 1 || took > 0 {
					t.Errorf("answered after %v, %d fetches; want the first alone", took, n)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")))
		a := i.strict(t)
		for _, token := range []string{
			tokenOf(t, "a", "new") + "AAAA",
			signed(t, "HS256", testSecret, `{"alg":"HS256","kid":"new"}`, `{"sub":"a"}`),
		} {
			if _, err := judged(t, a, token); !errors.Is(err, ErrUnauthorized) {
				t.Errorf("%v; want a refusal", err)
			}
		}
		pass(time.Minute)
		if n := i.count(); n != 1 {
			t.Errorf("%d fetches; want the first alone", n)
		}
	})
}

// One backend with an old token has a fetch made now and then, and is answered at once in between.
func TestOldTokenDoesNotUseUpThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testEd, named("k")))
		a, _ := i.follow(t)
		old := good(t, "EdDSA", testEd, "old")
		var waited time.Duration
		for range 60 {
			took, err := judged(t, a, old)
			wantRefused(t, err, ErrUnauthorized, "is not in the JWKS")
			waited += took
			pass(time.Second)
		}
		if n := i.count(); n > 7 || waited > 2*time.Second {
			t.Errorf("one old token made %d fetches in a minute, and waited %v", n, waited)
		}
	})
}
