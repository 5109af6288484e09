package load

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// ID is the name of number i of a kind, such as person: 24 bytes for kinds of 11, as an account's
// id may have. It needs no escape in JSON.
func ID(kind string, i int) string { return fmt.Sprintf("%s-%012d", kind, i) }

// Number is the number in an ID, or -1.
func Number(id []byte) int {
	if len(id) <= 12 {
		return -1
	}
	n, err := strconv.Atoi(string(id[len(id)-12:]))
	if err != nil {
		return -1
	}
	return n
}

// BeatBody is the body of POST /v1/heartbeats for a batch.
func BeatBody(ids []string, device, activity string) []byte {
	b := []byte(`{"heartbeats":[`)
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"participant_id":"`...)
		b = append(b, id...)
		b = append(b, `","device_id":"`...)
		b = append(b, device...)
		b = append(b, `","activity":"`...)
		b = append(b, activity...)
		b = append(b, `"}`...)
	}
	return append(b, `]}`...)
}

// QueryBody is the body of POST /v1/presence/query.
func QueryBody(ids []string) []byte { return append(list([]byte(`{"ids":`), ids), '}') }

// MaxWatched is how many ids one connection may watch, and maxSubscribe how many one message may
// name.
const (
	MaxWatched   = 5000
	maxSubscribe = 1000
)

// Subscribe returns the messages that watch ids. The snapshots that answer them can be told from
// changes by IsSnapshot.
func Subscribe(ids []string) (messages [][]byte) {
	for part := range slices.Chunk(ids, maxSubscribe) {
		messages = append(messages, append(list([]byte(`{"type":"subscribe","req":"snapshot","ids":`), part), '}'))
	}
	return messages
}

// IsSnapshot reports whether a presence message answers a Subscribe.
func IsSnapshot(m []byte) bool { return bytes.Contains(m, []byte(`"req":"snapshot"`)) }

func list(b []byte, ids []string) []byte {
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), id...), '"')
	}
	return append(b, ']')
}

// EachState gives the ids and states of an answer or a message, whose ids must need no escape. It
// is a tenth of the price of decoding.
func EachState(raw []byte, f func(id, state []byte)) {
	if _, rest, ok := bytes.Cut(raw, []byte(`"states":`)); ok {
		raw = rest
	}
	for {
		var id, state []byte
		if id, raw = quoted(raw); id == nil || len(raw) == 0 || raw[0] != ':' {
			return
		}
		if state, raw = quoted(raw); state == nil {
			return
		}
		f(id, state)
		if len(raw) == 0 || raw[0] != ',' {
			return
		}
	}
}

// quoted returns the next string in quotes, and what follows it.
func quoted(raw []byte) (text, rest []byte) {
	begin := bytes.IndexByte(raw, '"')
	if begin < 0 {
		return nil, nil
	}
	end := bytes.IndexByte(raw[begin+1:], '"')
	if end < 0 {
		return nil, nil
	}
	return raw[begin+1 : begin+1+end], raw[begin+2+end:]
}

// Tally counts the states offline and unknown in an answer, whatever the ids.
func Tally(raw []byte) (offline, unknown int64) {
	return int64(bytes.Count(raw, []byte(`:"offline"`))), int64(bytes.Count(raw, []byte(`:"unknown"`)))
}
