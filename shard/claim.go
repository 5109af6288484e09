package shard

import (
	"errors"
	"fmt"
)

// Claim is a backend's reason for busy, such as a calendar. It always has an end.
type Claim struct {
	Source string
	Until  int64 // Unix milliseconds
}

// Limits of claims.
const (
	MaxSource = 32 // bytes
	MaxClaims = 8  // live ones, a participant
)

// ErrInvalidSource is wrapped by every complaint about the source of a claim.
var ErrInvalidSource = errors.New("invalid source")

// ValidateSource says what is wrong with the source of a claim, or nil.
func ValidateSource(source string) error {
	if source == "" || len(source) > MaxSource {
		return fmt.Errorf("%w: it is %d bytes long; it must be 1-%d", ErrInvalidSource, len(source), MaxSource)
	}
	for _, r := range source {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '.' && r != '-' {
			return fmt.Errorf("%w: it contains %U; a-z, 0-9, _, . and - are allowed", ErrInvalidSource, r)
		}
	}
	return nil
}
