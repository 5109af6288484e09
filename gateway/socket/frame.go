package socket

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// Frame headers of RFC 6455, 5.2: a final text frame, a ping without payload. A server's frames
// carry no mask.
const (
	finText     = 0x81
	finPing     = 0x89
	shortHeader = 2   // bytes of a header for up to 125 bytes
	len16       = 126 // the length follows in 2 bytes
	len64       = 127 // the length follows in 8 bytes
)

var pingFrame = []byte{finPing, 0}

// beginFrame leaves room for a short header.
func beginFrame(b []byte) []byte { return append(b, finText, 0) }

// endFrame writes the length of the frame that began at start; a long one moves up to make room for
// it.
func endFrame(b []byte, start int) []byte {
	n := len(b) - start - shortHeader
	switch {
	case n < len16:
		b[start+1] = byte(n)
	case n <= math.MaxUint16:
		b = moveUp(b, start, 2)
		b[start+1] = len16
		binary.BigEndian.PutUint16(b[start+shortHeader:], uint16(n))
	default:
		b = moveUp(b, start, 8)
		b[start+1] = len64
		binary.BigEndian.PutUint64(b[start+shortHeader:], uint64(n))
	}
	return b
}

func moveUp(b []byte, start, by int) []byte {
	b = append(b, make([]byte, by)...)
	copy(b[start+shortHeader+by:], b[start+shortHeader:])
	return b
}

// EncodeChange appends the frame that tells one change. It is what the hub shares among viewers: a
// whole WebSocket frame, so that telling 10,000 of them is 10,000 system calls and nothing else.
func EncodeChange(b []byte, c *hub.Change) []byte {
	start := len(b)
	b = c.AppendTo(append(beginFrame(b), `{"type":"presence",`...))
	return endFrame(append(b, '}'), start)
}

func appendChanges(b []byte, changes []hub.Change) []byte {
	start := len(b)
	b = hub.AppendChanges(append(beginFrame(b), `{"type":"presence",`...), changes)
	return endFrame(append(b, '}'), start)
}

// appendSnapshot appends a snapshot (`presence`) or a `result`.
func appendSnapshot(b []byte, kind string, s *hub.Snapshot, req string) []byte {
	start := len(b)
	b = append(beginFrame(b), `{"type":"`...)
	b = append(b, kind...)
	b = s.AppendTo(append(b, `",`...))
	return endMessage(b, start, req)
}

// appendSelf leaves out what there is none of.
func appendSelf(b []byte, s hub.Self) []byte {
	start := len(b)
	b = append(beginFrame(b), `{"type":"self","state":"`...)
	b = append(b, s.State.String()...)
	b = append(b, `","override":"`...)
	b = append(b, s.Override.String()...)
	b = append(b, '"')
	if s.Sayings != nil {
		b = appendSayings(b, s.Sayings)
	}
	return endFrame(append(b, '}'), start)
}

func appendSayings(b []byte, s *shard.Sayings) []byte {
	if s.OverrideUntil != 0 {
		b = wire.AppendMoment(append(b, `,"override_expires_at":`...), s.OverrideUntil)
	}
	if s.InnerStatus != (shard.Status{}) {
		b = wire.AppendStatus(append(b, `,"status":`...), &s.InnerStatus)
	}
	for i, c := range s.Claims {
		if i == 0 {
			b = append(b, `,"busy":[`...)
		} else {
			b = append(b, ',')
		}
		b = wire.AppendString(b, c.Source)
	}
	if len(s.Claims) > 0 {
		b = append(b, ']')
	}
	return b
}

// greeting is what `welcome` says.
type greeting struct {
	participant string
	device      string
	interval    time.Duration
	node        string
	features    []string
}

func appendWelcome(b []byte, g *greeting, req string) []byte {
	start := len(b)
	b = wire.AppendString(append(beginFrame(b), `{"type":"welcome","participant_id":`...), g.participant)
	if g.device != "" {
		b = wire.AppendString(append(b, `,"device_id":`...), g.device)
	}
	b = strconv.AppendInt(append(b, `,"heartbeat_interval_ms":`...), g.interval.Milliseconds(), 10)
	b = wire.AppendString(append(b, `,"node":`...), g.node)
	b = wire.AppendStrings(append(b, `,"features":`...), g.features)
	return endMessage(b, start, req)
}

func appendOK(b []byte, req string) []byte {
	start := len(b)
	return endMessage(append(beginFrame(b), `{"type":"ok"`...), start, req)
}

func appendError(b []byte, e *wire.Error, req string) []byte {
	start := len(b)
	b = append(beginFrame(b), `{"type":"error","code":"`...)
	b = append(b, e.Code...)
	b = wire.AppendString(append(b, `","message":`...), e.Detail)
	return endMessage(b, start, req)
}

func appendReconnect(b []byte, after time.Duration) []byte {
	start := len(b)
	b = strconv.AppendInt(append(beginFrame(b), `{"type":"reconnect","after_ms":`...), after.Milliseconds(), 10)
	return endMessage(b, start, "")
}

// endMessage adds req, where there is one, and closes object and frame.
func endMessage(b []byte, start int, req string) []byte {
	if req != "" {
		b = wire.AppendString(append(b, `,"req":`...), req)
	}
	return endFrame(append(b, '}'), start)
}
