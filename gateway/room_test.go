package gateway

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// listOf is an array of n ids of so many bytes.
func listOf(n, bytes int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `%c"%0*d"`, "[,"[min(i, 1)], bytes, i)
	}
	return b.String() + "]"
}

func messagesOf(n int) string {
	return `{"direct_messages":[{"participants":["a","b"]}` + strings.Repeat(`,{"participants":["a","b"]}`, n-1) + `]}`
}

func edgesOf(n int) string {
	at, b := time.Now().Add(time.Hour).UTC().Format(time.RFC3339), strings.Builder{}
	for i := range n {
		fmt.Fprintf(&b, `,{"participant_id":"a","viewer":"b%d","allow":true,"expires_at":%q}`, i, at)
	}
	return `{"edges":[` + b.String()[1:] + `]}`
}

// TestShortItemsWeigh: what is held for items that are wrong is no less than all that they
// allocate, however short they are.
func TestShortItemsWeigh(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.ParticipantIDsRate, c.Limits.ParticipantIDsBurst = 1e6, 1e9 })
	for _, tt := range []struct {
		path, member string
	}{
		{"/v1/heartbeats", "heartbeats"},
		{"/v1/direct-messages", "direct_messages"},
		{"/v1/visibility", "edges"},
	} {
		for _, item := range []string{"7", "null", "{}", "[]", `"a"`} {
			for _, n := range []int{1000, 10_000} {
				body := `{"` + tt.member + `":[` + item + strings.Repeat(","+item, n-1) + `]}`
				took, held := g.allocates(tt.path, body)
				t.Logf("%-20s %6d × %-5s %6d KiB allocated, %6d KiB held", tt.path, n, item, took>>10, held>>10)
				if int64(took) > held {
					t.Errorf("%s, %d × %s: it takes %d bytes, and is held to take %d", tt.path, n, item, took, held)
				}
			}
		}
	}
}

// heldSink notes what all requests hold when the answer is written.
type heldSink struct {
	sink
	held func() int64
	most int64
}

func (s *heldSink) Write(b []byte) (int, error) {
	s.most = max(s.most, s.held())
	return s.sink.Write(b)
}

// allocates is what a batch allocates until it is answered, and what is held for it then.
func (g *gate) allocates(path, body string) (took uint64, held int64) {
	for range 3 {
		runtime.GC()
		runtime.GC() // and what pools keep over one
		w := heldSink{sink: sink{header: http.Header{}, body: make([]byte, 0, 4<<20)}, held: g.s.shares.Budget().Used}
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer backend|s")
		before := allocated()
		g.s.Handler().ServeHTTP(&w, r)
		took, held = allocated()-before, w.most
	}
	return took, held
}

// TestWeightIsHonest: what a request is held to take is no less than all that it allocates, garbage
// included. What goes to another node comes on top of that here, a copy of the text.
func TestWeightIsHonest(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.ParticipantIDsRate, c.Limits.ParticipantIDsBurst = 1e6, 1e9 })
	for _, in := range []string{"", strings.Repeat("t", shard.MaxTenant) + " "} {
		weighHonestly(t, g, in)
	}
}

// weighHonestly tries it for a tenant, which has a space behind its name.
func weighHonestly(t *testing.T, g *gate, in string) {
	l := &g.s.config.Limits
	for _, tt := range []struct {
		name, path, body string
		load             admit.Load
	}{
		{"10,000 ids of 6 bytes", "/v1/presence/query", `{"ids":` + listOf(10_000, 6) + `}`, l.queryLoad()},
		{"10,000 ids of 24 bytes", "/v1/presence/query", `{"ids":` + listOf(10_000, 24) + `}`, l.queryLoad()},
		{"10,000 ids of 128 bytes", "/v1/presence/query", `{"ids":` + listOf(10_000, 128) + `}`, l.queryLoad()},
		{
			"1,000 ids in escapes", "/v1/presence/query",
			`{"ids":` + strings.ReplaceAll(listOf(1000, 21), "0", `\u0030`) + `}`, l.queryLoad(),
		},
		{"4 MiB of blanks", "/v1/presence/query", `{"ids":["a"]` + strings.Repeat(" ", 4<<20-16) + `}`, l.queryLoad()},
		{"a million ids", "/v1/presence/query", queryOf(1_000_000), l.queryLoad()},
		{
			"10,000 heartbeats", "/v1/heartbeats",
			beatsOf(strings.Split(strings.Trim(listOf(10_000, 24), `[]"`), `","`)),
			l.beatsLoad(),
		},
		{"10,000 direct messages", "/v1/direct-messages", messagesOf(10_000), l.messagesLoad()},
		{"10,000 edges", "/v1/visibility", edgesOf(10_000), l.edgesLoad()},
	} {
		var took uint64
		for range 3 { // the first makes people, and tables that stay
			runtime.GC()
			runtime.GC() // and what pools keep over one
			w, r := sink{header: http.Header{}, body: make([]byte, 0, 4<<20)},
				httptest.NewRequest("POST", tt.path, strings.NewReader(tt.body))
			r.Header.Set("Authorization", "Bearer "+in+"backend|s")
			before := allocated()
			g.s.Handler().ServeHTTP(&w, r)
			took = allocated() - before
		}
		largest := tt.load.Weight(l.MaxBodyBytes + 1)
		tt.load.Front = tenant.Name(strings.TrimSpace(in)).Front()
		weight := min(tt.load.Weight(len(tt.body)), largest)
		t.Logf("%.1s%-24s %7d KiB of text: %6d KiB allocated, weighs %6d KiB", in, tt.name, len(tt.body)>>10, took>>10,
			weight>>10)
		if int64(took) > weight {
			t.Errorf("%s: it takes %d bytes, and is held to take %d", tt.name, took, weight)
		}
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
