package gateway

import (
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestStreamsAreNoRequests: how long a stream lives is no time to answer.
func TestStreamsAreNoRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		st := s.stream(t, "ids=a", "ann")
		st.want(event(`{"a":"offline"}`))
		synctest.Wait()
		series := `{method="GET",route="/v1/events"}`
		if got := s.metric("presence_http_request_seconds_count" + series); got != "1" {
			t.Errorf("%s while it is open, want 1", got)
		}
		if got := s.metric(`presence_http_requests_total{method="GET",route="/v1/events",status="200"}`); got != "1" {
			t.Errorf("%s requests while it is open, want 1", got)
		}
		time.Sleep(time.Hour)
		st.close()
		synctest.Wait()
		if got := s.metric("presence_http_request_seconds_sum" + series); got != "0" {
			t.Errorf("an hour's stream took %s s to answer, want 0", got)
		}
		if got := s.metric("presence_http_request_seconds_count" + series); got != "1" {
			t.Errorf("%s when it has ended, want 1", got)
		}
	})
}

// TestOpenMetrics: who asks for it is given it.
func TestOpenMetrics(t *testing.T) {
	g := newGate(t)
	for accept, want := range map[string]string{
		"": "text/plain; version=0.0.4",
		"application/openmetrics-text; version=1.0.0":                                                  "application/openmetrics-text; version=1.0.0",
		"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited": "application/vnd.google.protobuf",
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		g.s.AdminHandler().ServeHTTP(w, r)
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("Accept %q: %q, want %q", accept, got, want)
		}
		if strings.Contains(want, "openmetrics") && !strings.HasSuffix(w.Body.String(), "# EOF\n") {
			t.Error("OpenMetrics ends with # EOF")
		}
	}
}

// TestNativeHistogram: there are fine buckets beside the classic ones, and a bounded number of them
// whatever is measured.
func TestNativeHistogram(t *testing.T) {
	g := newGate(t)
	r := g.s.routes[0]
	for i := range 20_000 {
		took := time.Duration(math.Exp(float64(i) / 1000)) // a nanosecond to half a second
		g.s.metrics.answered(r, 200, took)
	}
	classic, native := bucketsOf(t, g, r.path)
	if classic != len(latencies) {
		t.Errorf("%d classic buckets, want %d", classic, len(latencies))
	}
	if native < 20 || native > maxNative {
		t.Errorf("%d native buckets; want some, at most %d", native, maxNative)
	}
}

// bucketsOf counts the buckets of a route's histogram.
func bucketsOf(t *testing.T, g *gate, route string) (classic, native int) {
	t.Helper()
	families, err := g.s.config.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			if f.GetName() != "presence_http_request_seconds" || m.Label[1].GetValue() != route {
				continue
			}
			for _, span := range m.Histogram.PositiveSpan {
				native += int(span.GetLength())
			}
			return len(m.Histogram.Bucket), native
		}
	}
	t.Fatalf("no histogram of %s", route)
	return 0, 0
}
