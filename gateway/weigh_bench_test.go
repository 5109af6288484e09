package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkCalls is what the calls cost that one participant may make 50 times a second, without
// the network, of 1,000 participants; for a second of calls, that is times 50.
func BenchmarkCalls(b *testing.B) {
	for _, call := range []struct {
		name, method, path string
		bodies             []string
	}{
		{"record", "GET", "/v1/presence/participant-000000000001", []string{""}},
		{
			"flip", "PUT", "/v1/presence/participant-000000000001/devices/d",
			[]string{`{"activity":"idle"}`, `{"activity":"online"}`},
		},
		{
			"override", "PUT", "/v1/presence/participant-000000000001/override",
			[]string{`{"override":"busy"}`, `{"override":"auto"}`},
		},
		{"query-10000", "POST", "/v1/presence/query", []string{`{"ids":` + listOf(10_000, 24) + `}`}},
		{"padding-4MiB", "POST", "/v1/presence/query", []string{`{"ids":["a"]}` + strings.Repeat(" ", 4<<20-20)}},
		{"refused", "POST", "/v1/heartbeatz", []string{""}},
	} {
		b.Run(call.name, func(b *testing.B) {
			g, _ := crowd(b, 1000)
			w := sink{header: http.Header{}}
			r := request(b, call.method, call.path, call.bodies[0])
			b.ReportAllocs()
			i, start := 0, cpu()
			for b.Loop() {
				body := call.bodies[i%len(call.bodies)]
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
				clear(w.header)
				g.s.Handler().ServeHTTP(&w, r)
				i++
			}
			b.ReportMetric(float64(cpu()-start)/float64(i), "cpu-ns/op")
		})
	}
}
