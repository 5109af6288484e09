package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// jwks is a key source that keeps itself fresh. One goroutine fetches. A token whose key is known
// is judged at once; others may wait for a fetch, which they can ask for and not force.
type jwks struct {
	// Static.
	url    *url.URL
	client *http.Client
	log    *slog.Logger
	rounds *rounds
	held   chan struct{} // a slot for each token that waits

	// Shared.
	current atomic.Pointer[keySet] // nil: never fetched
	useless atomic.Pointer[error]  // why current has no keys
	missing missing
	stats   struct{ fetched, failed, turnedAway atomic.Int64 }
}

func newJWKS(address string, log *slog.Logger) (*jwks, error) {
	u, err := parseJWKSURL(address)
	if err != nil {
		return nil, err
	}
	return &jwks{
		url: u, client: newClient(), log: log.With("jwks", u.Redacted()),
		rounds: newRounds(), held: make(chan struct{}, maxHeld),
	}, nil
}

// start fetches once, and goes on fetching in the background until ctx ends.
func (j *jwks) start(ctx context.Context) {
	j.round(ctx)
	go j.run(ctx)
}

// run fetches when the set is due or when an unknown key was asked for, but never sooner than the
// pace allows.
func (j *jwks) run(ctx context.Context) {
	for j.wait(ctx) {
		j.round(ctx)
	}
}

// wait returns when a fetch may begin, or false when ctx ends.
func (j *jwks) wait(ctx context.Context) bool {
	for ctx.Err() == nil {
		d := j.rounds.until(time.Now())
		if d <= 0 {
			return true
		}
		t := time.NewTimer(d)
		select {
		case <-ctx.Done():
		case <-t.C:
		case <-j.rounds.wanted: // it may be sooner now
		}
		t.Stop()
	}
	return false
}

// round is one fetch.
func (j *jwks) round(ctx context.Context) {
	j.rounds.begin(time.Now())
	err := j.refresh(ctx)
	if err != nil {
		j.stats.failed.Add(1)
	} else {
		j.stats.fetched.Add(1)
	}
	j.rounds.end(time.Now(), err)
}

// refresh replaces the set by a fresh one. When that fails the old one stays: an outage of the
// issuer must not sign everyone out.
func (j *jwks) refresh(ctx context.Context) error {
	text, err := fetch(ctx, j.client, j.url)
	if err != nil {
		return j.failed(ctx, err)
	}
	set, skipped, err := parseKeySet(text)
	if err != nil {
		return j.failed(ctx, err)
	}
	useless := uselessKeys(set, skipped)
	j.useless.Store(&useless)
	if old := j.current.Load(); old == nil || !old.equal(set) {
		j.take(set, skipped)
	}
	return useless
}

// take replaces the set, and logs what is in it.
func (j *jwks) take(set keySet, skipped []error) {
	j.current.Store(&set)
	j.log.Info("JWKS has new keys", "keys", len(set))
	for _, err := range skipped {
		j.log.Warn("JWKS key left out", "error", err)
	}
	if err := uselessKeys(set, skipped); err != nil {
		j.log.Error("JWKS has no usable key: no token can be checked", "error", err)
	}
}

// mostSkipped is how many keys are named that can't be used.
const mostSkipped = 5

// uselessKeys says of a set without keys which there were, and why each is of no use.
func uselessKeys(set keySet, skipped []error) error {
	switch {
	case len(set) > 0:
		return nil
	case len(skipped) == 0:
		return errors.New("the JWKS has no keys")
	}
	var all []string
	for _, err := range skipped[:min(mostSkipped, len(skipped))] {
		all = append(all, err.Error())
	}
	if more := len(skipped) - mostSkipped; more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("the JWKS has no key that can be used: %s", strings.Join(all, "; "))
}

func (j *jwks) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil: // the server is stopping
	case j.current.Load() == nil:
		j.log.Error("JWKS not fetched: no token can be checked until it is", "error", err)
	default:
		j.log.Warn("JWKS not refreshed: the keys at hand stay in use", "error", err)
	}
	return err
}

func (j *jwks) find(kid, alg string) (any, error) {
	set := j.current.Load()
	switch {
	case set == nil:
		return nil, j.ready()
	case len(*set) == 0:
		return nil, unavailable("there are no keys to check tokens with; send it again")
	}
	return set.find(kid, alg)
}

func (j *jwks) version() *keySet { return j.current.Load() }

func (j *jwks) ready() error {
	if j.current.Load() == nil {
		return unavailable("the keys to check tokens with have not been fetched yet; send it again")
	}
	if useless := j.useless.Load(); useless != nil && *useless != nil {
		return unavailable("no token can be checked: %v", *useless)
	}
	return nil
}
