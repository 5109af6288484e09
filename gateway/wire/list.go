package wire

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// List is an array of T that keeps one item more than it may have, and passes over the rest: a
// million items of three bytes each would take twenty times their text.
type List[T any] struct {
	Items []T
	Max   int  // set it before decoding
	There bool // the array was there at all
}

// TooLong reports whether there were more than Max items.
func (l *List[T]) TooLong() bool { return len(l.Items) > l.Max }

// UnmarshalJSONFrom is part of json.UnmarshalerFrom.
func (l *List[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	l.There = true
	if d.PeekKind() != '[' {
		return json.UnmarshalDecode(d, new([]T)) // finds the words for what is there instead
	}
	return l.each(d, l.next)
}

// each reads an array: next reads an item, as long as there are not too many.
func (l *List[T]) each(d *jsontext.Decoder, next func(*jsontext.Decoder) error) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		read := next
		if l.TooLong() {
			read = (*jsontext.Decoder).SkipValue
		}
		if err := read(d); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func (l *List[T]) next(d *jsontext.Decoder) error {
	var item T
	if err := json.UnmarshalDecode(d, &item); err != nil {
		return err
	}
	l.Items = append(l.Items, item)
	return nil
}
