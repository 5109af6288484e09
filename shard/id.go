package shard

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Longest ids, in bytes.
const (
	MaxParticipantID = 128
	MaxDeviceID      = 64
)

// ErrInvalidID is wrapped by every complaint about an id.
var ErrInvalidID = errors.New("invalid id")

// ValidateParticipant says what is wrong with a participant id, or nil.
func ValidateParticipant(id string) error {
	if id == "me" {
		return fmt.Errorf("%w: participant id \"me\" is reserved for the caller itself", ErrInvalidID)
	}
	return validate("participant id", id, MaxParticipantID)
}

// ValidateDevice says what is wrong with a device id, or nil.
func ValidateDevice(id string) error {
	return validate("device id", id, MaxDeviceID)
}

func validate(what, id string, maxBytes int) error {
	if id == "" {
		return fmt.Errorf("%w: %s is empty; it must be 1-%d bytes", ErrInvalidID, what, maxBytes)
	}
	if len(id) > maxBytes {
		return fmt.Errorf("%w: %s is %d bytes long; the limit is %d", ErrInvalidID, what, len(id), maxBytes)
	}
	if plain(id) {
		return nil
	}
	if !utf8.ValidString(id) {
		return fmt.Errorf("%w: %s is not valid UTF-8", ErrInvalidID, what)
	}
	for _, r := range id {
		if r == ',' || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.White_Space, r) {
			return fmt.Errorf("%w: %s contains %U; control characters, whitespace and commas are not allowed", ErrInvalidID, what, r)
		}
	}
	return nil
}

// plain is the fast answer for ids of printable ASCII, which is nearly all of them.
func plain(id string) bool {
	for i := 0; i < len(id); i++ {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == ',' {
			return false
		}
	}
	return true
}
