package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// jwks is a key source that keeps itself fresh. Tokens are judged by the set at hand, always at once; fetching is the
// business of one goroutine, which may be asked to hurry but not be made to.
type jwks struct {
	// Static.
	url    *url.URL
	client *http.Client
	log    *slog.Logger

	// Shared.
	current atomic.Pointer[keySet] // nil: never fetched
	unknown askedFor
	poke    chan struct{} // one slot: somebody asked for a kid that is not in current
}

func newJWKS(address string, log *slog.Logger) (*jwks, error) {
	u, err := parseJWKSURL(address)
	if err != nil {
		return nil, err
	}
	return &jwks{url: u, client: newClient(), log: log.With("jwks", u.Redacted()), poke: make(chan struct{}, 1)}, nil
}

// start fetches once, and goes on fetching in the background until ctx ends.
func (j *jwks) start(ctx context.Context) {
	o := outcome{err: j.refresh(ctx)}
	go j.run(ctx, o)
}

// run fetches when the set is due or when an unknown kid was asked for, but never sooner than the pace allows.
func (j *jwks) run(ctx context.Context, o outcome) {
	gap := minGap
	for sleep(ctx, gap) {
		o.poked = j.wait(ctx, rest(gap, o.err))
		before := j.current.Load()
		o.err = j.refresh(ctx)
		o.changed = j.current.Load() != before
		gap = nextGap(gap, o)
	}
}

// wait returns after d, or with true as soon as somebody pokes.
func (j *jwks) wait(ctx context.Context, d time.Duration) (poked bool) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-j.poke:
		return true
	}
	return false
}

// refresh replaces the set by a fresh one. When that fails the old one stays: an outage of the issuer must not sign
// everybody out.
func (j *jwks) refresh(ctx context.Context) error {
	text, err := fetch(ctx, j.client, j.url)
	if err != nil {
		return j.failed(ctx, err)
	}
	set, skipped, err := parseKeySet(text)
	if err != nil {
		return j.failed(ctx, err)
	}
	if old := j.current.Load(); old != nil && old.equal(set) {
		return nil
	}
	j.current.Store(&set)
	j.log.Info("JWKS has new keys", "keys", len(set))
	for _, err := range skipped {
		j.log.Warn("JWKS key left out", "why", err)
	}
	return nil
}

func (j *jwks) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil: // the server is stopping
	case j.current.Load() == nil:
		j.log.Error("JWKS not fetched: no token can be checked until it is", "err", err)
	default:
		j.log.Warn("JWKS not refreshed: the keys at hand stay in use", "err", err)
	}
	return err
}

func (j *jwks) find(kid, alg string) (any, error) {
	set := j.current.Load()
	if set == nil {
		return nil, j.ready()
	}
	verify, err := set.find(kid, alg)
	if !errors.Is(err, errUnknownKid) {
		return verify, err
	}
	if j.unknown.add(kid, time.Now()) {
		select {
		case j.poke <- struct{}{}:
		default:
		}
	}
	return nil, unauthorized("the token's key (`kid` %.64q) is not in the JWKS; publish a key some minutes before signing with it", kid)
}

func (j *jwks) version() *keySet { return j.current.Load() }

func (j *jwks) ready() error {
	if j.current.Load() == nil {
		return unavailable("the keys to check tokens with have not been fetched yet; send it again")
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
