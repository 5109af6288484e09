package socket

import (
	"bytes"
	"io"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// kind is the type of a client's message.
type kind uint8

const (
	unknownKind kind = iota
	hello
	heartbeat
	override
	status
	subscribe
	unsubscribe
	query
	authenticate
	goodbye
	numKinds
)

var kindNames = [numKinds]string{
	"unknown", "hello", "heartbeat", "override", "status", "subscribe", "unsubscribe", "query",
	"auth", "goodbye",
}

func (k kind) String() string { return kindNames[k] }

func kindOf(name string) kind {
	for k := hello; k < numKinds; k++ {
		if kindNames[k] == name {
			return k
		}
	}
	return unknownKind
}

// answeredByOK reports whether success is told by `ok`; the others have an answer of their own.
func (k kind) answeredByOK() bool { return k != hello && k != subscribe && k != query }

// maxReq is the longest `req`, in bytes.
const maxReq = 64

// message is what a client said, checked but for ids.
type message struct {
	at        time.Duration // when it came, since the server's start: the clock is read once a message
	kind      kind
	req       string // empty: none
	token     string
	device    string
	hasDevice bool
	activity  shard.Activity
	override  shard.Override
	until     time.Time // the end of the override; zero: none
	status    shard.Status
	ids       []string
	with      shard.With
	paid      int // ids that its bytes were counted as
}

// notAMessage is what closes a connection with 4004: the bytes can't be understood as a message at
// all.
type notAMessage string

func (e notAMessage) Error() string { return string(e) }

// decode reads a text frame into m. The error is nil, a *wire.Error to answer with m.req (the
// connection stays; m.kind tells what it wanted to be), or a notAMessage. Nothing in m points into
// data.
//
// Of a list of ids it keeps maxIDs and one more.
func decode(data []byte, m *message, maxIDs int) error {
	*m = message{}
	if decodeHeartbeat(data, m) {
		return nil
	}
	return decodeStrict(data, m, maxIDs)
}

func decodeStrict(data []byte, m *message, maxIDs int) error {
	f := fields{IDs: wire.List[string]{Max: maxIDs}, With: wire.List[string]{Max: wire.MostWith}}
	if e := wire.DecodeNulls(data, &f, nulls); e != nil {
		if err := envelope(data, m); err != nil {
			return err
		}
		return e
	}
	if f.Type == nil {
		return notAMessage("a message needs a `type`")
	}
	m.kind = kindOf(*f.Type)
	if e := m.setReq(f.Req); e != nil {
		return e
	}
	if m.kind == unknownKind {
		return wire.Errorf(wire.BadRequest, "unknown type %.40q; there are %q", *f.Type, kindNames[hello:])
	}
	if e := f.check(m.kind); e != nil {
		return e
	}
	if e := f.fill(m); e != nil {
		return e
	}
	return nil
}

func (m *message) setReq(req *string) *wire.Error {
	if req == nil {
		return nil
	}
	if n := len(*req); n == 0 || n > maxReq {
		return wire.Errorf(wire.BadRequest, "req is %d bytes long; it must be 1-%d", n, maxReq)
	}
	m.req = *req
	return nil
}

// envelope finds type and req of an object that the strict decoder has refused, or says why it
// isn't a message.
func envelope(data []byte, m *message) error {
	if !utf8.Valid(data) {
		return notAMessage("not UTF-8")
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return notAMessage("not a JSON object")
	}
	typed := false
	for d.PeekKind() == '"' {
		name, value, err := readMember(d)
		if err != nil {
			return notAMessage("not JSON")
		}
		switch {
		case name == "type" && !typed && value.Kind() == '"':
			m.kind, typed = kindOf(unquote(value)), true
		case name == "req" && m.req == "" && value.Kind() == '"':
			if req := unquote(value); len(req) <= maxReq {
				m.req = req
			}
		}
	}
	return endOfObject(d, typed)
}

func endOfObject(d *jsontext.Decoder, typed bool) error {
	if _, err := d.ReadToken(); err != nil {
		return notAMessage("not JSON")
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return notAMessage("more than one JSON value")
	}
	if !typed {
		return notAMessage("a message needs a `type`, a string")
	}
	return nil
}

func readMember(d *jsontext.Decoder) (string, jsontext.Value, error) {
	name, err := d.ReadToken()
	if err != nil {
		return "", nil, err
	}
	n := name.String()
	value, err := d.ReadValue()
	return n, value, err
}

func unquote(v jsontext.Value) string {
	b, _ := jsontext.AppendUnquote(nil, v) // an error means a lone surrogate, which became U+FFFD
	return string(b)
}
