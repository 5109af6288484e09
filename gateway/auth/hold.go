package auth

import (
	"context"
	"errors"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

const (
	maxHold = 2 * time.Second // the longest wait of a token for its key
	maxHeld = 1024            // tokens that wait; more get ErrUnavailable at once
)

// query is a token whose key isn't known, and that could be good: it is well formed, and for this
// issuer and audience.
type query struct {
	unknownKid
	token   digest
	subject string
}

// hold waits for a fetch that could bring the token's key. nil: it is there now. ErrUnauthorized:
// a fetch that began after the token came has ended without it. ErrUnavailable: there was none yet.
// Nobody waits when ctx has ended. No lock is held meanwhile.
func (j *jwks) hold(ctx context.Context, q *query) error {
	if j.missing.has(q.token, time.Now()) {
		return noSuchKey(q.kid)
	}
	number := j.rounds.ask(q.kid, q.subject)
	select {
	case j.held <- struct{}{}:
		defer func() { <-j.held }()
	default:
		j.stats.turnedAway.Add(1)
		return j.later(q.kid)
	}
	ctx, cancel := context.WithTimeout(ctx, maxHold)
	defer cancel()
	return j.await(ctx, q, number)
}

// await looks after each fetch whether the key is there.
func (j *jwks) await(ctx context.Context, q *query, number int) error {
	for {
		at := j.rounds.standing() // before the keys: those of a fetch that ends now are seen next time
		var u *unknownKid
		if _, err := j.find(q.kid, q.alg); !errors.As(err, &u) {
			return nil
		}
		switch {
		case at.good >= number:
			j.missing.add(q.token, time.Now())
			return noSuchKey(q.kid)
		case at.failed >= number:
			return j.later(q.kid)
		}
		select {
		case <-at.ended:
		case <-ctx.Done():
			return j.later(q.kid)
		}
	}
}

func noSuchKey(kid string) error {
	return unauthorized("the token's key (`kid` %.64q) is not in the JWKS, which was fetched after the token came", kid)
}

// later refuses for as long as a fetch may not be made.
func (j *jwks) later(kid string) error {
	after := max(j.rounds.again(time.Now()).Round(time.Second), time.Second)
	return &refusal{
		kind: ErrUnavailable, after: after,
		said: wire.Errorf(wire.Unavailable, "the token's key (`kid` %.64q) is not known, "+
			"and the JWKS has not been fetched since; send it again in %v", kid, after),
	}
}
