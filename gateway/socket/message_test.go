package socket

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

func TestDecodeHeartbeat(t *testing.T) {
	tests := []struct {
		in    string
		plain bool // read by the scanner; otherwise by the strict decoder
		ok    bool
	}{
		{`{"type":"heartbeat","activity":"online"}`, true, true},
		{" {\r\n\"activity\" :\t\"idle\" , \"req\":\"r\",\"type\":\"heartbeat\"} ", true, true},
		{`{"type":"heartbeat","activity":"onl\u0069ne"}`, false, true},
		{`{"type":"heartbeat","activity":"online","req":"é"}`, false, true},
		{`{"type":"heartbeat","activity":"online","req":""}`, false, false},
		{`{"type":"heartbeat","activity":"online","activity":"online"}`, false, false},
		{`{"type":"heartbeat","activity":"Online"}`, false, false},
		{`{"type":"heartbeat","activity":"online",}`, false, false},
		{`{"type":"heartbeat","activity":"online"}}`, false, false},
		{`{"type":"heartbeat","activity":"online"`, false, false},
		{`{"type":"heartbeat"}`, false, false},
		{`{"type":"heartbeat","activity":"online","x":"y"}`, false, false},
	}
	for _, tt := range tests {
		var m message
		if got := decodeHeartbeat([]byte(tt.in), &m); got != tt.plain {
			t.Errorf("%s: scanner says %t, want %t", tt.in, got, tt.plain)
		}
		if err := decode([]byte(tt.in), &m, 1000); (err == nil) != tt.ok {
			t.Errorf("%s: %v, want ok %t", tt.in, err, tt.ok)
		}
	}
}

func TestDecodeHeartbeatAllocatesNothing(t *testing.T) {
	data := []byte(`{"type":"heartbeat","activity":"online"}`)
	var m message
	if n := testing.AllocsPerRun(100, func() { _ = decode(data, &m, 1000) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What the scanner takes, the strict decoder takes as well, and as the same; whatever is refused is
// refused in one of the two ways.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"type":"heartbeat","activity":"online","req":"a"}`, `{"type":"hello","token":"t","device_id":"d"}`,
		`{"type":"subscribe","ids":["a","b"],"req":"1"}`, `{"type":"x","type":"y"}`, `[]`, `{"a":{"type":"hello"}}`,
		`{"type":"heartbeat" , "activity" : "idle"}`, "{\"type\":\"heartbeat\",\"activity\":\"\xff\"}",
		`{"req":"\ud800","type":"auth"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var fast, strict message
		err := decodeStrict(data, &strict, 1000)
		if decodeHeartbeat(data, &fast) {
			if err != nil || fast.kind != strict.kind || fast.activity != strict.activity || fast.req != strict.req {
				t.Errorf("%q: scanner %+v, decoder %+v, %v", data, fast, strict, err)
			}
		}
		checkVerdict(t, data, &strict, err)
	})
}

func checkVerdict(t *testing.T, data []byte, m *message, err error) {
	t.Helper()
	var refused *wire.Error
	var unreadable notAMessage
	switch {
	case err == nil:
		if m.kind == unknownKind || !jsontext.Value(data).IsValid() {
			t.Errorf("%q was accepted as %+v", data, m)
		}
	case errors.As(err, &unreadable):
		var v struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(data, &v) == nil && v.Type != "" {
			t.Errorf("%q is an object with a type, and was called %q", data, unreadable)
		}
	case !errors.As(err, &refused):
		t.Errorf("%q: %v is neither of the two", data, err)
	case len(m.req) > maxReq:
		t.Errorf("%q: req of %d bytes", data, len(m.req))
	}
}

func TestFrames(t *testing.T) {
	for _, n := range []int{1, 125, 126, 65_535, 65_536, 300_000} {
		before := []byte("before")
		b := beginFrame(before)
		b = append(b, strings.Repeat("x", n)...)
		b = endFrame(b, len(before))
		if string(b[:6]) != "before" || payloadLength(b[6:]) != n || strings.Count(string(b[len(b)-n:]), "x") != n {
			t.Errorf("frame of %d bytes: header % x", n, b[6:min(len(b), 16)])
		}
	}
}

// payloadLength reads a header as RFC 6455 has it, and checks that the frame ends with its payload.
func payloadLength(frame []byte) int {
	n, header := int(frame[1]), 2
	switch n {
	case 126:
		n, header = int(binary.BigEndian.Uint16(frame[2:])), 4
	case 127:
		n, header = int(binary.BigEndian.Uint64(frame[2:])), 10
	}
	if frame[0] != 0x81 || len(frame) != header+n {
		return -1
	}
	return n
}

// The bytes that the hub shares are those that a viewer of its own would be sent.
func TestSharedFrameEqualsOwn(t *testing.T) {
	for _, id := range []tenant.Participant{"ann", `q"uote`, tenant.Participant(strings.Repeat("é", 64)), "\x1facme\x1fann"} {
		shared := EncodeChange(nil, changeOf(id, shard.Busy))
		own := appendChanges(nil, []hub.Change{*changeOf(id, shard.Busy)})
		if string(shared) != string(own) {
			t.Errorf("shared %q, own %q", shared, own)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, m := range map[string]string{
		"heartbeat":        `{"type":"heartbeat","activity":"online"}`,
		"heartbeat-strict": `{"type":"heartbeat","activity":"onlin\u0065"}`,
		"subscribe-50":     `{"type":"subscribe","ids":[` + list(0, 50) + `]}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var msg message
			for b.Loop() {
				if err := decode([]byte(m), &msg, 1000); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
