package wire

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads exactly one JSON value from data into v, a pointer, and is strict: see the package's
// page. The error is nil or a bad_request whose detail names the field. v may be partly filled
// then. Nothing in v points into data.
func Decode(data []byte, v any) *Error { return DecodeNulls(data, v, nil) }

// DecodeNulls is Decode where members of these names may be null, at any depth.
func DecodeNulls(data []byte, v any, names []string) *Error {
	if err := json.Unmarshal(data, v, strict); err != nil {
		return explain(err)
	}
	for at := range nulls(data, names) {
		return errNull(at)
	}
	return nil
}

var strict = json.RejectUnknownMembers(true)

// nulls finds those that Unmarshal took for zero values, but for members of these names. Only a
// text with those four letters is looked through again, so it costs others one search.
func nulls(data []byte, names []string) iter.Seq[jsontext.Pointer] {
	return func(yield func(jsontext.Pointer) bool) {
		if !hasNull(data) {
			return
		}
		d := jsontext.NewDecoder(bytes.NewBuffer(data))
		for {
			t, err := d.ReadToken()
			if err != nil {
				return // the end: Unmarshal has found the text well-formed
			}
			if t.Kind() == 'n' && !slices.Contains(names, d.StackPointer().LastToken()) && !yield(d.StackPointer()) {
				return
			}
		}
	}
}

func hasNull(text []byte) bool { return bytes.Contains(text, []byte("null")) }

func errNull(at jsontext.Pointer) *Error {
	return Errorf(BadRequest, "%s is null; leave a field out instead", field(at))
}

// explain says a decoder's error in the words of JSON, without Go's types.
func explain(err error) *Error {
	var sem *json.SemanticError
	var syn *jsontext.SyntacticError
	switch {
	case errors.As(err, &sem) && errors.Is(err, json.ErrUnknownName):
		return Errorf(BadRequest, "unknown field %s", member(sem.JSONPointer))
	case errors.As(err, &syn) && errors.Is(err, jsontext.ErrDuplicateName):
		return Errorf(BadRequest, "field %s is there twice", member(syn.JSONPointer))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Errorf(BadRequest, "not JSON: it ends too early; one complete JSON object is expected")
	case errors.As(err, &syn):
		return Errorf(BadRequest, "not JSON: %v, at byte %d", syn.Err, syn.ByteOffset)
	case errors.As(err, &sem):
		return Errorf(BadRequest, "%s must be %s, not %s", field(sem.JSONPointer), wanted(sem.GoType),
			kindName(sem.JSONKind))
	default:
		return Errorf(BadRequest, "not the JSON that is expected here")
	}
}

// maxQuoted bounds what a detail repeats of a client's own text, in bytes.
const maxQuoted = 80

// field names the place of a value: "the message" itself or a path such as
// "/heartbeats/3/activity".
func field(p jsontext.Pointer) string {
	if p == "" {
		return "the message"
	}
	return "field " + quote(string(p))
}

// member names a member by its own name and, where it is nested, the place around it.
func member(p jsontext.Pointer) string {
	name := quote(p.LastToken())
	if parent := p.Parent(); parent != "" {
		return name + " in " + quote(string(parent))
	}
	return name
}

func quote(s string) string {
	if len(s) <= maxQuoted {
		return strconv.Quote(s)
	}
	cut := maxQuoted
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.Quote(s[:cut]) + "…"
}

func wanted(t reflect.Type) string {
	if t == nil {
		return "something else"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Bool:
		return "true or false"
	case reflect.Int64:
		return "a whole number"
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a number"
	}
}

var kindNames = map[jsontext.Kind]string{
	'n': "null", 't': "true", 'f': "false", '"': "a string", '0': "a number",
	'{': "an object", '[': "an array", '}': "the end of an object", ']': "the end of an array",
}

func kindName(k jsontext.Kind) string {
	if n, ok := kindNames[k]; ok {
		return n
	}
	return "that"
}
