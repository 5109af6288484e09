package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/wire"
)

// patient is an Authenticator that tells whether it may wait.
type patient struct{ waits atomic.Bool }

func (p *patient) Authenticate(ctx context.Context, _ string) (auth.Identity, error) {
	p.waits.Store(ctx.Err() == nil)
	return auth.Identity{Participant: "ada"}, nil
}

// A token may wait for its key, but not with a large header.
func TestNobodyWaitsWithALargeHeader(t *testing.T) {
	var p patient
	g := newGate(t, func(c *Config) { c.Auth = &p })
	for length, waits := range map[int]bool{10: true, 400: false} {
		ids := strings.Join(slices.Repeat([]string{strings.Repeat("a", 100)}, length), ",")
		g.do("GET", "/v1/presence?ids="+ids, "token", "").want(200, "")
		if p.waits.Load() != waits {
			t.Errorf("with a line of %d bytes the token may wait: %v; want %v", len(ids), p.waits.Load(), waits)
		}
	}
}

// later is an Authenticator, and its refusal, which is over after 7 s.
type later struct{}

func (later) Error() string        { return "not now" }
func (later) Unwrap() error        { return wire.Errorf(wire.Unavailable, "not now") }
func (later) After() time.Duration { return 7 * time.Second }

func (later) Authenticate(context.Context, string) (auth.Identity, error) {
	return auth.Identity{}, later{}
}

// What may pass is told with the time after which it makes sense to ask again.
func TestRetryAfterOfTokens(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Auth = later{} })
	r := g.do("GET", "/v1/presence?ids=a", "token", "").problem(wire.Unavailable, "not now")
	if after := r.header.Get("Retry-After"); after != "7" {
		t.Errorf("Retry-After: %q; want 7", after)
	}
}

// keyServer is a JWKS that is down as long as it is told to be; its one key checks nothing.
type keyServer struct {
	*httptest.Server
	down atomic.Bool
}

func newKeyServer(t *testing.T) *keyServer {
	t.Helper()
	k := &keyServer{}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if k.down.Load() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		_, _ = w.Write([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k",
			"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	}))
	t.Cleanup(k.Close)
	return k
}

// A key that can't be fetched is no bad token, and the fetches are counted.
func TestUnknownKeyWhileTheKeyServerIsDown(t *testing.T) {
	keys := newKeyServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a, err := auth.NewJWT(ctx, auth.JWTConfig{JWKSURL: keys.URL})
	if err != nil {
		t.Fatal(err)
	}
	keys.down.Store(true)
	g := newGate(t, func(c *Config) { c.Auth = a })
	// {"alg":"EdDSA","kid":"new"}.{"sub":"ada","exp":9999999999}
	token := "eyJhbGciOiJFZERTQSIsImtpZCI6Im5ldyJ9.eyJzdWIiOiJhZGEiLCJleHAiOjk5OTk5OTk5OTl9." + strings.Repeat("A", 86)
	g.do("GET", "/v1/presence?ids=a", token, "").problem(wire.Unavailable, "(`kid` \"new\") is not known")
	s, ok := auth.KeysOf(a)
	if !ok || s.Fetched != 1 || s.Failed < 1 {
		t.Errorf("counted %+v", s)
	}
	fetched := func(f figure) bool { return f.name == "presence_jwks_fetches_total" && f.values["ok"] == 1 }
	if !slices.ContainsFunc(g.s.figures(), fetched) {
		t.Error("the fetches are in no figure")
	}
}

// Headers and greetings have room for the largest token.
func TestRoomForTokens(t *testing.T) {
	for bytes, want := range map[int]int{1 << 10: 16 << 10, 8 << 10: 16 << 10, 24 << 10: 32 << 10, 64 << 10: 72 << 10} {
		l := DefaultLimits()
		l.RoomForTokens(bytes)
		if l.MaxHeaderBytes != want || l.MaxGreetingBytes != want {
			t.Errorf("for tokens of %d bytes: headers of %d, greetings of %d; want %d",
				bytes, l.MaxHeaderBytes, l.MaxGreetingBytes, want)
		}
		if err := l.Validate(); err != nil {
			t.Error(err)
		}
	}
}
