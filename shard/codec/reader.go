package codec

import (
	"encoding/binary"
	"fmt"
)

// Reader takes a message apart. It is made by NewReader.
type Reader struct {
	b       []byte // the whole message
	at      int    // how many bytes of it have been read
	damaged error
	err     error
	shared  string // the message, for Share; empty: each text has memory of its own
}

// NewReader returns a reader of b, which never changes it. Each of its errors wraps damaged.
func NewReader(b []byte, damaged error) Reader { return Reader{b: b, damaged: damaged} }

// Share makes texts parts of one string from here on, which is cheaper for many. One that is kept
// keeps the whole message.
func (r *Reader) Share() { r.shared = string(r.b) }

// Failf notes a mistake and where it is, unless there was one before.
func (r *Reader) Failf(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %w at byte %d of %d", r.damaged, fmt.Errorf(format, args...), r.at, len(r.b))
	}
}

// Err is the first mistake so far, or nil.
func (r *Reader) Err() error { return r.err }

// End is the error of the whole message, of which nothing may be left.
func (r *Reader) End() error {
	if left := r.Left(); left > 0 {
		r.Failf("%d bytes too many", left)
	}
	return r.err
}

// Left is how many bytes are still to be read. It is 0 after a mistake.
func (r *Reader) Left() int {
	if r.err != nil {
		return 0
	}
	return len(r.b) - r.at
}

// Take reads n bytes, which are part of the message. It is nil if there are fewer.
func (r *Reader) Take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.b)-r.at {
		r.short(n)
		return nil
	}
	r.at += n
	return r.b[r.at-n : r.at : r.at]
}

func (r *Reader) short(n int) {
	if r.err == nil {
		r.Failf("%d bytes wanted, %d left", n, len(r.b)-r.at)
	}
}

// Rest reads all that is left.
func (r *Reader) Rest() []byte { return r.Take(r.Left()) }

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if b := r.Take(1); b != nil {
		return b[0]
	}
	return 0
}

// Uint16 reads two bytes.
func (r *Reader) Uint16() uint16 {
	if b := r.Take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// Uint32 reads four bytes.
func (r *Reader) Uint32() uint32 {
	if b := r.Take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// Uint64 reads eight bytes.
func (r *Reader) Uint64() uint64 {
	if b := r.Take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// Uvarint reads a number of variable size, most at the highest. what names it in an error.
func (r *Reader) Uvarint(most uint64, what string) uint64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.b[r.at:])
	if n <= 0 || v > most {
		r.Failf("%s is cut short or out of range", what)
		return 0
	}
	r.at += n
	return v
}

// Varint reads a signed number of variable size. what names it in an error.
func (r *Reader) Varint(what string) int64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Varint(r.b[r.at:])
	if n <= 0 {
		r.Failf("%s is cut short or out of range", what)
		return 0
	}
	r.at += n
	return v
}

// OneOf reads a byte that must be below n. what names it in an error.
func (r *Reader) OneOf(n int, what string) byte {
	v := r.Byte()
	if int(v) >= n {
		r.Failf("%s is unknown: %d", what, v)
		return 0
	}
	return v
}

// Count reads how many items follow, each of at least size bytes. It is never more than the bytes
// that are left can hold, so a caller may make room for all.
func (r *Reader) Count(size int) int {
	n := int(r.Uint32())
	if n > r.Left()/size {
		r.Failf("%d items claimed in %d bytes", n, r.Left())
		return 0
	}
	return n
}

// Bytes reads bytes with a length of four bytes. They are part of the message.
func (r *Reader) Bytes() []byte { return r.Take(int(r.Uint32())) }

// Text reads a text with a length of one byte.
func (r *Reader) Text() string {
	if r.err == nil && r.at < len(r.shared) { // many are read: one look at the bounds is enough
		begin := r.at + 1
		if end := begin + int(r.b[r.at]); end <= len(r.shared) {
			r.at = end
			return r.shared[begin:end]
		}
	}
	b := r.Take(int(r.Byte()))
	if r.shared == "" || b == nil {
		return string(b)
	}
	return r.shared[r.at-len(b) : r.at]
}

// Valid reads a text for which check returns nil.
func (r *Reader) Valid(check func(string) error) string {
	s := r.Text()
	if r.err != nil {
		return s
	}
	if err := check(s); err != nil {
		r.Failf("%w", err)
	}
	return s
}
