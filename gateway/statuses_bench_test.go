package gateway

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkQueryStatuses asks for 1,000 ids at random of a million, with their statuses in turn
// with states alone; a tenth have one. It reports the medians without the network, and the rate of
// the one by that of the other. With -short they are 20,000.
func BenchmarkQueryStatuses(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	g, ids := crowd(b, n)
	w := sink{header: http.Header{}}
	say := request(b, "PUT", "/v1/presence/x/status", "")
	for i := 0; i < n; i += 10 {
		body := fmt.Sprintf(`{"text":"on a train, back at %d","emoji":"🚆"}`, i%24)
		say.URL.Path, say.Body, say.ContentLength = "/v1/presence/"+ids[i]+"/status", io.NopCloser(strings.NewReader(body)), int64(len(body))
		if g.s.Handler().ServeHTTP(&w, say); w.status != http.StatusNoContent {
			b.Fatalf("%d %s", w.status, w.body)
		}
	}
	ask := request(b, "POST", "/v1/presence/query", "")
	took := func(with string) time.Duration {
		body := []byte(`{"ids":[`)
		for i := range 1000 {
			body = fmt.Appendf(body, `%s%q`, ","[:min(i, 1)], ids[rand.IntN(n)])
		}
		body = append(append(body, ']'), with+"}"...)
		ask.Body, ask.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		begin := time.Now()
		if g.s.Handler().ServeHTTP(&w, ask); w.status != http.StatusOK {
			b.Fatalf("%d %s", w.status, w.body)
		}
		return time.Since(begin)
	}
	var plain, statuses []time.Duration
	for b.Loop() {
		plain, statuses = append(plain, took("")), append(statuses, took(`,"with":["status"]`))
	}
	slices.Sort(plain)
	slices.Sort(statuses)
	p, s := plain[len(plain)/2], statuses[len(statuses)/2]
	b.ReportMetric(float64(p.Nanoseconds())/1000, "ns/state")
	b.ReportMetric(float64(s.Nanoseconds())/1000, "ns/status")
	b.ReportMetric(float64(p)/float64(s), "of-the-rate")
	b.ReportMetric(0, "ns/op")
}
