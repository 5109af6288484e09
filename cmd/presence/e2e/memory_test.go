package e2e

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// largestBody is what a request may have, by the contract.
const largestBody = 4 << 20

// holdBack sends a query of the largest size but for its last byte, and keeps the connection.
func (c caller) holdBack(t testing.TB) {
	t.Helper()
	conn, err := net.Dial("tcp", c.s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() { // what is refused isn't read, so that the write waits, or fails
		_ = conn.SetWriteDeadline(time.Now().Add(patience))
		_,
			_ = fmt.Fprintf(conn, "POST /v1/presence/query HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer "+
			"%s\r\nContent-Length: %d\r\n\r\n%s",
			c.s.addr, c.token, largestBody, strings.Repeat(" ", largestBody-1))
	}()
}

// sample is the value of one metric, with its labels as they are written.
func sample(t testing.TB, s *server, name string) float64 {
	t.Helper()
	for line := range strings.Lines(s.adminGet(t, "/metrics").want(t, 200).body) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			f, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// TestHeldBackBodies: whatever users hold back, the node keeps to its budget, and answers others.
// What counts is the heap: the race detector takes several times as much besides.
func TestHeldBackBodies(t *testing.T) {
	t.Parallel()
	s := start(t, "--request-memory=48MiB", "--participant-ids-rate=1000000")
	idle := sample(t, s, "go_memstats_heap_inuse_bytes")
	greedy, other := s.as("greedy"), s.as("other")
	for range 140 {
		greedy.holdBack(t)
	}
	refused := func(limit string) float64 {
		return sample(t, s, fmt.Sprintf("presence_request_memory_refused_total{limit=%q}", limit))
	}
	eventually(t, "all but one are refused", func() bool { return refused("participant") >= 139 })
	other.wantState(t, "greedy", "offline")
	large := obj{"ids": names("x", 2000)}
	other.do(t, "POST", "/v1/presence/query", large).want(t, 200)

	for i := range 20 {
		s.as(fmt.Sprint("ally-", i)).holdBack(t)
	}
	eventually(t, "the node takes no more", func() bool { return refused("node") >= 10 })
	other.wantState(t, "greedy", "offline")
	if used := sample(t, s, "presence_request_memory_bytes"); used > 48<<20 || used < 24<<20 {
		t.Errorf("%.0f bytes are held to be taken", used)
	}
	if now := sample(t, s, "go_memstats_heap_inuse_bytes"); now > idle+64<<20 {
		t.Errorf("the heap was %.0f MB and is %.0f MB", idle/1e6, now/1e6)
	}
}

// TestHeldBackIsGivenBack: once those who held back are gone, everybody has room again.
func TestHeldBackIsGivenBack(t *testing.T) {
	t.Parallel()
	s := start(t, "--request-memory=36MiB")
	t.Run("holding", func(t *testing.T) {
		s.as("greedy").holdBack(t)
		eventually(t, "memory is taken", func() bool { return sample(t, s, "presence_request_memory_bytes") > 0 })
	})
	eventually(t, "memory is free", func() bool { return sample(t, s, "presence_request_memory_bytes") == 0 })
	s.as("other").do(t, "POST", "/v1/presence/query", obj{"ids": names("x", 10_000)}).want(t, 200)
}

// TestParticipantIDsRate: ids are counted over requests and sockets alike; a backend's aren't.
func TestParticipantIDsRate(t *testing.T) {
	t.Parallel()
	s := start(t, "--participant-ids-rate=1") // 16,384 at once
	ann, ids := s.as("ann"), names("x", 1000)
	w := ann.connect(t, "")
	for range 6 {
		w.watch(t, ids...)
	}
	ann.do(t, "POST", "/v1/presence/query", obj{"ids": names("y", 10_000)}).want(t, 200)
	w.refused(t, "rate_limited", obj{"type": "subscribe", "ids": ids})
	r := ann.do(t, "POST", "/v1/presence/query", obj{"ids": ids})
	r.problem(t, 429, "rate_limited")
	if wait, _ := strconv.Atoi(r.header.Get("Retry-After")); wait < 600 {
		t.Errorf("Retry-After %q for 1,000 ids at one a second", r.header.Get("Retry-After"))
	}
	for range 4 {
		s.as(service).do(t, "POST", "/v1/presence/query", obj{"ids": names("y", 10_000)}).want(t, 200)
	}
	s.as("ben").do(t, "POST", "/v1/presence/query", obj{"ids": ids}).want(t, 200)
}
