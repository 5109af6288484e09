package socket

import "github.com/scaiwave/presence/shard"

// decodeHeartbeat reads a heartbeat written in the plain way: each field at most once, strings of
// printable ASCII without escapes. It says no to everything else, right or wrong, and leaves it to
// the strict decoder, so the two cannot disagree about what is allowed (the fuzzer compares them).
// Without a req it allocates nothing: 50 ns instead of 1.5 µs.
func decodeHeartbeat(data []byte, m *message) bool {
	s := scanner{data: data}
	var h plainHeartbeat
	if !s.object(&h) || string(h.kind) != "heartbeat" || h.activity == nil || len(h.req) > maxReq || h.req != nil &&
		len(h.req) == 0 {
		return false
	}
	switch string(h.activity) {
	case "online":
		m.activity = shard.ActivityOnline
	case "idle":
		m.activity = shard.ActivityIdle
	default:
		return false
	}
	m.kind, m.req = heartbeat, string(h.req)
	return true
}

// plainHeartbeat points into the frame; nil: the field wasn't there.
type plainHeartbeat struct {
	kind, activity, req []byte
}

func (h *plainHeartbeat) field(name []byte) *[]byte {
	switch string(name) {
	case "type":
		return &h.kind
	case "activity":
		return &h.activity
	case "req":
		return &h.req
	default:
		return nil
	}
}

type scanner struct {
	data []byte
	at   int
}

// object reads {"name":"value",…} and nothing after it.
func (s *scanner) object(h *plainHeartbeat) bool {
	if !s.skip('{') {
		return false
	}
	for {
		if !s.member(h) {
			return false
		}
		if s.skip('}') {
			s.space()
			return s.at == len(s.data)
		}
		if !s.skip(',') {
			return false
		}
	}
}

func (s *scanner) member(h *plainHeartbeat) bool {
	name, ok := s.text()
	if !ok || !s.skip(':') {
		return false
	}
	to := h.field(name)
	if to == nil || *to != nil {
		return false
	}
	*to, ok = s.text()
	return ok
}

// text reads a plain string; it isn't nil if ok.
func (s *scanner) text() ([]byte, bool) {
	if !s.skip('"') {
		return nil, false
	}
	for start := s.at; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; {
		case c == '"':
			s.at++
			return s.data[start : s.at-1], true
		case c < ' ' || c >= 0x7f || c == '\\':
			return nil, false
		}
	}
	return nil, false
}

func (s *scanner) skip(c byte) bool {
	s.space()
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) space() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}
