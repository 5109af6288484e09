package wire

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Nullable is a member for which null means something else than being left out. DecodeNulls must be
// told its name.
type Nullable[T any] struct {
	There bool // the member was there
	Value *T   // nil: it was null, or was not there
}

// UnmarshalJSONFrom is part of json.UnmarshalerFrom.
func (n *Nullable[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	n.There = true
	return json.UnmarshalDecode(d, &n.Value)
}
