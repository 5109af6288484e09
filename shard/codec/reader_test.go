package codec

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

var errBad = errors.New("bad message")

// whole is a message with one of everything.
func whole() []byte {
	b := append([]byte{7}, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 10)
	b = binary.AppendVarint(binary.AppendUvarint(b, 300), -5)
	b = AppendBytes(AppendText(b, "ada"), []byte{1, 2})
	return append(binary.BigEndian.AppendUint32(b, 2), 1, 2)
}

func readWhole(r *Reader) (sum uint64, text string) {
	sum = uint64(r.Byte()) + uint64(r.Uint16()) + uint64(r.Uint32()) + r.Uint64()
	sum += r.Uvarint(300, "number") + uint64(-r.Varint("difference"))
	text = r.Text()
	sum += uint64(len(r.Bytes()))
	for range r.Count(1) {
		sum += uint64(r.OneOf(3, "choice"))
	}
	return sum, text
}

// TestWhole: what was written is read; of each beginning the error says so, and nothing panics.
func TestWhole(t *testing.T) {
	for _, share := range []bool{false, true} {
		r := NewReader(whole(), errBad)
		if share {
			r.Share()
		}
		sum, text := readWhole(&r)
		if err := r.End(); err != nil || sum != 7+8+9+10+300+5+2+3 || text != "ada" {
			t.Errorf("shared %v: %d, %q, %v", share, sum, text, err)
		}
	}
	for n := range whole() {
		r := NewReader(whole()[:n], errBad)
		if readWhole(&r); !errors.Is(r.End(), errBad) {
			t.Errorf("%d bytes of it are taken for whole: %v", n, r.End())
		}
	}
}

// TestMistakes: the first one is told, and where; after it everything is zero.
func TestMistakes(t *testing.T) {
	for _, tc := range []struct {
		name, says string
		b          []byte
		read       func(r *Reader)
	}{
		{
			"too many items", "1000 items claimed in 1 bytes at byte 4 of 5",
			[]byte{0, 0, 3, 232, 1},
			func(r *Reader) { r.Count(1) },
		},
		{"too long", "255 bytes wanted, 1 left at byte 1 of 2", []byte{255, 1}, func(r *Reader) { r.Text() }},
		{
			"out of range", "age is cut short or out of range at byte 0 of 1",
			[]byte{9},
			func(r *Reader) { r.Uvarint(8, "age") },
		},
		{"unknown", "kind is unknown: 9 at byte 1 of 1", []byte{9}, func(r *Reader) { r.OneOf(9, "kind") }},
		{"left over", "1 bytes too many at byte 1 of 2", []byte{1, 2}, func(r *Reader) { r.Byte() }},
		{"refused", "no such name at byte 2 of 2", []byte{1, 'x'}, func(r *Reader) {
			r.Valid(func(string) error { return errors.New("no such name") })
		}},
	} {
		r := NewReader(tc.b, errBad)
		tc.read(&r)
		first := r.End()
		if first == nil || !strings.Contains(first.Error(), tc.says) || !errors.Is(first, errBad) {
			t.Errorf("%s: %v, want %q", tc.name, first, tc.says)
		}
		if r.Byte() != 0 || r.Uint64() != 0 || r.Text() != "" || r.Count(1) != 0 || r.Left() != 0 || r.End() != first {
			t.Errorf("%s: it is read on after a mistake", tc.name)
		}
	}
}
