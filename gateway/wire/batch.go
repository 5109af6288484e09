package wire

import (
	"bytes"
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Batch is a List whose items are judged each by itself. An item that is no T, or has a value of a
// wrong type or a null, is Wrong, and the others count.
//
// What isn't JSON is the whole text's fault. So is a member that isn't known: a caller that writes
// one means something that nobody here would do, in the items that seem right too.
type Batch[T any] struct {
	List[T]
	Nulls []string       // members of an item that may be null; set it before decoding
	Wrong map[int]*Error // by the item's index; nil: none is wrong

	apart bool // each item is read before its values
}

// DecodeBatch is Decode of an object v whose only member is b. A list that is null is not there.
//
// A text in which something has a wrong type is read again, each item by itself: the decoder can't
// go on within an object that it has given up on. Other texts cost what a List does.
func DecodeBatch[T any](data []byte, v any, b *Batch[T]) *Error {
	err := json.Unmarshal(data, v, strict)
	if wrongType(err) {
		b.Items, b.apart = b.Items[:0], true
		err = json.Unmarshal(data, v, strict)
	}
	if err != nil {
		return explain(err)
	}
	if hasNull(data) {
		b.rejectNulls(jsontext.NewDecoder(bytes.NewBuffer(data)))
	}
	return nil
}

// inItems is how deep a place among the items is.
const inItems = len("{[")

// rejectNulls looks for nulls in the items that are not wrong yet: those have the types of T. What
// else there is may be nested ten thousand deep, and the place of each null in it is as long.
func (b *Batch[T]) rejectNulls(d *jsontext.Decoder) {
	for i := 0; ; {
		depth := d.StackDepth()
		if depth == inItems {
			_, items := d.StackIndex(inItems)
			i = int(items)
			if (i >= len(b.Items) || b.Wrong[i] != nil) && d.SkipValue() == nil {
				continue // else it is the end of the items
			}
		}
		switch t, err := d.ReadToken(); {
		case err != nil:
			return // the end: Unmarshal has found the text well-formed
		case t.Kind() != 'n' || b.Wrong[i] != nil:
		case depth < inItems:
			b.There = false
		case !slices.Contains(b.Nulls, d.StackPointer().LastToken()):
			b.reject(i, errNull(d.StackPointer()))
		}
	}
}

// wrongType reports whether what was found fits the names, and not their types.
func wrongType(err error) bool {
	_, ok := errors.AsType[*json.SemanticError](err)
	return ok && !errors.Is(err, json.ErrUnknownName)
}

// UnmarshalJSONFrom is part of json.UnmarshalerFrom.
func (b *Batch[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != '[' || !b.apart {
		return b.List.UnmarshalJSONFrom(d)
	}
	b.There = true
	return b.each(d, b.next)
}

// next reads an item's text, and then its values.
func (b *Batch[T]) next(d *jsontext.Decoder) error {
	text, err := d.ReadValue()
	if err != nil {
		return err
	}
	var item T
	err = json.Unmarshal(text, &item, strict)
	if sem, ok := errors.AsType[*json.SemanticError](err); ok {
		sem.JSONPointer = d.StackPointer() + sem.JSONPointer
	}
	if wrongType(err) {
		b.reject(len(b.Items), explain(err))
		err = nil
	}
	b.Items = append(b.Items, item)
	return err
}

// reject notes what is wrong with an item.
func (b *Batch[T]) reject(i int, wrong *Error) {
	if b.Wrong == nil {
		b.Wrong = make(map[int]*Error)
	}
	b.Wrong[i] = wrong
}
