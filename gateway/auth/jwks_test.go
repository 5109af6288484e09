package auth

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// issuer is a JWKS without a network, for virtual time.
type issuer struct {
	mu      sync.Mutex
	doc     string // empty: down
	takes   time.Duration
	fetches []time.Time
}

func (i *issuer) publish(keys ...string) { i.set(document(keys...)) }

func (i *issuer) set(doc string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.doc = doc
}

func (i *issuer) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.fetches)
}

// fetched is when the fetches were made.
func (i *issuer) fetched() []time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.fetches)
}

// RoundTrip answers with what was published when it began.
func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	i.fetches = append(i.fetches, time.Now())
	doc, takes := i.doc, i.takes
	i.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if doc == "" {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(doc))}, nil
}

// slow has answers take that long from now on.
func (i *issuer) slow(d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.takes = d
}

// follow is an Authenticator that fetches from the issuer until the test ends. The log is for
// reading after synctest.Wait.
func (i *issuer) follow(t *testing.T) (a Authenticator, log *bytes.Buffer) {
	t.Helper()
	log = new(bytes.Buffer)
	keys, err := newJWKS("https://user:hunter2@id.example.org/jwks", slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	keys.client.Transport = i
	ctx, cancel := context.WithCancel(t.Context())
	keys.start(ctx)
	t.Cleanup(func() {
		cancel()
		synctest.Wait()
	})
	return newJWT(JWTConfig{Now: atEpoch}, keys, algRS256, algES256, algEdDSA), log
}

// pass lets time go by and what became due happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func wantUnknown(t *testing.T, a Authenticator, token string) {
	t.Helper()
	_, err := a.Authenticate(t.Context(), token)
	wantRefused(t, err, ErrUnauthorized, "is not in the JWKS, which was fetched after the token came")
}

func TestJWKSAlgorithms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("r")), jwk(testEC, named("c")), jwk(testEd, named("d")),
			jwk(testSecret, named("s")))
		a, log := i.follow(t)
		wantAlice(t, a, good(t, "RS256", testRSA, "r"))
		wantAlice(t, a, good(t, "ES256", testEC, "c"))
		wantAlice(t, a, good(t, "EdDSA", testEd, "d"))
		wantAlice(t, a, good(t, "EdDSA", testEd, ""))
		for kid, word := range map[string]string{"s": "HS256", "r": "HS256", "": "HS256"} {
			_, err := a.Authenticate(t.Context(), good(t, "HS256", testSecret, kid))
			wantRefused(t, err, ErrUnauthorized, word)
		}
		_, err := a.Authenticate(t.Context(), good(t, "RS256", testOtherRSA, "r"))
		wantRefused(t, err, ErrUnauthorized, "signature")
		_, err = a.Authenticate(t.Context(), good(t, "RS256", testRSA, "c"))
		wantRefused(t, err, ErrUnauthorized, "no such key")
		if !strings.Contains(log.String(), "symmetric") {
			t.Errorf("log: %s: doesn't say that a key was left out", log)
		}
		if i.count() != 1 {
			t.Errorf("%d fetches; want the first alone", i.count())
		}
	})
}

func TestRemovedKeyIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")), jwk(testEd, named("gone")))
		a, _ := i.follow(t)
		token := good(t, "EdDSA", testEd, "gone")
		wantAlice(t, a, token)
		i.publish(jwk(testRSA, named("k")))
		pass(refreshEvery - 1)
		wantAlice(t, a, token)
		pass(1)
		wantUnknown(t, a, token)

		i.publish() // all of them
		pass(refreshEvery)
		_, err := a.Authenticate(t.Context(), good(t, "RS256", testRSA, "k"))
		wantRefused(t, err, ErrUnavailable, "no keys")
		if err := Ready(a); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Ready = %v; want ErrUnavailable", err)
		}
	})
}

// The same name with another key: the old one must not be accepted any more.
func TestReplacedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testRSA, named("k")))
		a, _ := i.follow(t)
		i.publish(jwk(testOtherRSA, named("k")))
		pass(refreshEvery)
		wantAlice(t, a, good(t, "RS256", testOtherRSA, "k"))
		_, err := a.Authenticate(t.Context(), good(t, "RS256", testRSA, "k"))
		wantRefused(t, err, ErrUnauthorized, "signature")
	})
}

func TestOutageKeepsTheKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		i.publish(jwk(testEd, named("k")))
		a, log := i.follow(t)
		token := good(t, "EdDSA", testEd, "k")
		for _, doc := range []string{"", "<html>", "{}", strings.Repeat(" ", maxJWKSBytes) + document()} {
			i.set(doc)
			pass(refreshEvery)
			wantAlice(t, a, token)
			if !strings.Contains(log.String(), "not refreshed") {
				t.Errorf("%.10q: log: %s", doc, log)
			}
			if err := Ready(a); err != nil {
				t.Error(err)
			}
			log.Reset()
		}
		before := i.count()
		pass(time.Hour)
		if n := i.count() - before; n < 100 || n > 120 {
			t.Errorf("%d attempts in an hour of outage; want one every %v", n, maxRetryGap)
		}
		i.publish(jwk(testRSA, named("k")))
		pass(maxRetryGap)
		wantAlice(t, a, good(t, "RS256", testRSA, "k"))
		if strings.Contains(log.String(), "hunter2") {
			t.Error("the log has the password")
		}
	})
}

func TestStartWithoutKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var i issuer
		a, log := i.follow(t)
		token := good(t, "EdDSA", testEd, "k")
		_, err := a.Authenticate(t.Context(), token)
		wantRefused(t, err, ErrUnavailable, "not been fetched")
		if errors.Is(err, ErrUnauthorized) {
			t.Error("nobody has judged the token; a client must not give up")
		}
		if err := Ready(a); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Ready = %v; want ErrUnavailable", err)
		}
		if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "connection refused") {
			t.Errorf("log: %s; want an error with its reason", log)
		}
		_, err = a.Authenticate(t.Context(), good(t, "HS256", testSecret, "k"))
		wantRefused(t, err, ErrUnauthorized, "HS256")
		i.publish(jwk(testEd, named("k")))
		pass(firstRetry)
		wantAlice(t, a, token)
		if err := Ready(a); err != nil {
			t.Error(err)
		}
	})
}

// A set of which no key can be used is like none: nobody is told that a token is bad, and operators
// are told which keys there are.
func TestNoUsableKey(t *testing.T) {
	for name, c := range map[string]struct {
		doc  string
		says []string
	}{
		"none": {document(), []string{"the JWKS has no keys"}},
		"odd ones": {
			document(jwk(testEd, named("enc")+`,"use":"enc"`), `{"kty":"oct","kid":"secret","k":"AAAA"}`),
			[]string{
				`key 0 (kid "enc"): is for "enc", not for signatures`, `key 1 (kid "secret"): is symmetric`,
			},
		},
		"many": {document(slices.Repeat([]string{`{"kty":"oct"}`}, 9)...), []string{"key 4", "and 4 more"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var i issuer
				i.set(c.doc)
				a, log := i.follow(t)
				token := good(t, "EdDSA", testEd, "k")
				_, err := a.Authenticate(t.Context(), token)
				wantRefused(t, err, ErrUnavailable, "no keys to check tokens with")
				for _, says := range c.says {
					if err := Ready(a); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), says) {
						t.Errorf("Ready = %v; want %q", err, says)
					}
				}
				pass(10 * time.Minute)
				if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
					t.Errorf("said %d times: %s", n, log)
				}
				i.publish(jwk(testEd, named("k")))
				pass(maxRetryGap)
				wantAlice(t, a, token)
				if err := Ready(a); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// The context ends everything, quietly, also in the middle of a fetch.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(bytes.Buffer)
		keys, err := newJWKS("https://id.example.org/jwks", slog.New(slog.NewTextHandler(log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		keys.client.Transport = hanging{}
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		keys.start(ctx)
		if d := time.Since(start); d != fetchTimeout {
			t.Errorf("a hanging issuer held up the start for %v; want %v", d, fetchTimeout)
		}
		pass(firstRetry + time.Second)
		log.Reset()
		cancel()
		synctest.Wait()
		if log.Len() > 0 {
			t.Errorf("log: %s; stopping is no failure", log)
		}
	})
}

type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// Readers and the refresher share nothing but pointers; run with -race.
func TestKeysChangeWhileTokensAreChecked(t *testing.T) {
	var i issuer
	a, b := document(jwk(testEd, named("k"))), document(jwk(testEd, named("k")), jwk(testEC, named("c")))
	i.set(a)
	keys, err := newJWKS("https://id.example.org/jwks", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	keys.client.Transport = &i
	if err := keys.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	auth := newJWT(JWTConfig{Now: atEpoch}, keys, algEdDSA)
	token, invented := good(t, "EdDSA", testEd, "k"), good(t, "EdDSA", testEd, "x")
	ended, cancel := context.WithCancel(t.Context())
	cancel() // so that nobody waits
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 200 {
				if _, err := auth.Authenticate(t.Context(), token); err != nil {
					t.Error(err)
				}
				if _, err := auth.Authenticate(ended, invented); !errors.Is(err, ErrUnavailable) {
					t.Error(err)
				}
			}
		})
	}
	for range 50 {
		i.set(b)
		a, b = b, a
		if err := keys.refresh(t.Context()); err != nil {
			t.Error(err)
		}
	}
	readers.Wait()
}
