package shard

import (
	"encoding/binary"
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
			const not = "control characters, whitespace and commas are not allowed"
			return fmt.Errorf("%w: %s contains %U; %s", ErrInvalidID, what, r, not)
		}
	}
	return nil
}

// plain is the fast answer for ids of printable ASCII, which is nearly all of them.
func plain(id string) bool {
	if len(id) < 8 {
		for i := range len(id) {
			if c := id[i]; c <= ' ' || c >= 0x7f || c == ',' {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(id)-8; i += 8 {
		if !plain8(id[i:]) {
			return false
		}
	}
	return plain8(id[len(id)-8:])
}

// plain8 looks at eight bytes at once: a byte's highest bit in the sum is set if the byte is not
// plain. A borrow of one that isn't may set that of the next, which changes nothing.
func plain8(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	b := binary.LittleEndian.Uint64([]byte(s[:8]))
	less := func(x, n uint64) uint64 { return (x - n*ones) &^ x } // for n of 1-128
	return (b|less(b, ' '+1)|less(b^','*ones, 1)|less(b^0x7f*ones, 1))&highs == 0
}
