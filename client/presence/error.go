package presence

import (
	"errors"
	"time"
)

// Codes of the server that mean more than "no" to this package; docs/api.md has them all.
const (
	codeUnauthorized   = "unauthorized"
	codeUnavailable    = "unavailable"
	codeRateLimited    = "rate_limited"
	codeTooManyDevices = "too_many_devices"
	codeInvalidID      = "invalid_id"
	codeTooManyIDs     = "too_many_ids"
)

// Error is a refusal by the server: of a request, of an item of a batch, or of a message. As an
// Event it is about a message of the client that has no other way to say so.
type Error struct {
	Code       string        // of docs/api.md, also for a proxy's 429 and 5xx; else empty
	Message    string        // what is wrong, and what would be right
	RetryAfter time.Duration // over HTTP; 0: the server named no time
}

func (e *Error) Error() string {
	if e.Code == "" {
		return e.Message
	}
	return e.Code + ": " + e.Message
}

// Repeatable reports whether the same may be sent again: the refusal is of the moment.
func (e *Error) Repeatable() bool { return e.Code == codeUnavailable || e.Code == codeRateLimited }

// TokenError is the error of a Config.NewToken that gave no token.
type TokenError struct{ Err error }

func (e *TokenError) Error() string { return "the token function failed: " + e.Err.Error() }

// Unwrap returns what the function returned.
func (e *TokenError) Unwrap() error { return e.Err }

var (
	errNoToken = errors.New("it gave an empty token")
	errSilent  = errors.New("the server does not answer")
)
