package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/gateway/wire"
)

// metrics are what the gateway counts. Every child is made at the start: a rate over a counter that
// appears with its first event misses that event, and looking a child up by its labels costs more
// than counting.
type metrics struct {
	rejections map[wire.Code]prometheus.Counter
	heartbeats prometheus.Counter
	limits     limitMetrics
	other      *routeMeter // what belongs to no route
}

// limitMetrics count what happened at limits that have no error code of their own.
type limitMetrics struct {
	connections, floods, streams, slowStreams, ids, origins, strangers prometheus.Counter
}

// routeMeter counts the answers of one route.
type routeMeter struct {
	seconds  prometheus.Observer
	statuses [len(statuses)]prometheus.Counter
}

// statuses are those that the gateway answers with, smallest first; another is counted as the last,
// 500.
var statuses = [...]int{
	http.StatusSwitchingProtocols, http.StatusOK, http.StatusNoContent,
	http.StatusNotModified, http.StatusPermanentRedirect,
	http.StatusBadRequest, http.StatusUnauthorized,
	http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge,
	http.StatusUnsupportedMediaType, http.StatusTooManyRequests,
	http.StatusServiceUnavailable, http.StatusInternalServerError,
}

// latencies are bucket bounds in seconds, from a cached answer to a write that waited for an owner
// in vain.
var latencies = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// Beside these, a scraper that asks for it (in protobuf) gets buckets that grow by a tenth each.
// Beyond maxNative of them, some 10 KB a route, the buckets are halved in number, or begun anew if
// that is an hour ago.
const (
	nativeFactor = 1.1
	maxNative    = 100
)

func newMetrics(s *Server) *metrics {
	reg := s.config.Registry
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "presence_http_requests_total", Help: "HTTP requests by route and status.",
	}, []string{"method", "route", "status"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "presence_http_request_seconds",
		Help: "Time to answer HTTP requests by route; of event streams until their first event, " +
			"of WebSockets until the handshake is done.",
		Buckets: latencies, NativeHistogramBucketFactor: nativeFactor,
		NativeHistogramMaxBucketNumber: maxNative, NativeHistogramMinResetDuration: time.Hour,
	}, []string{"method", "route"})
	reg.MustRegister(requests, seconds)
	meter := func(method, path string) *routeMeter {
		m := &routeMeter{seconds: seconds.WithLabelValues(method, path)}
		for i, status := range statuses {
			m.statuses[i] = requests.WithLabelValues(method, path, strconv.Itoa(status))
		}
		return m
	}
	for _, r := range s.routes {
		r.meter = meter(r.method, r.path)
	}
	m := &metrics{other: meter("other", "other")}
	m.countRejections(reg)
	m.countLimits(reg)
	reg.MustRegister(gauges{s})
	return m
}

func (m *metrics) countRejections(reg *prometheus.Registry) {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "presence_rejections_total", Help: "Refused HTTP requests and items of batches, by error code.",
	}, []string{"code"})
	reg.MustRegister(vec)
	m.rejections = make(map[wire.Code]prometheus.Counter, len(wire.Codes))
	for code := range wire.Codes {
		m.rejections[code] = vec.WithLabelValues(string(code))
	}
}

func (m *metrics) countLimits(reg *prometheus.Registry) {
	count := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		reg.MustRegister(c)
		return c
	}
	m.heartbeats = count("presence_http_heartbeats_total", "Well-formed heartbeats of POST /v1/heartbeats.")
	m.limits = limitMetrics{
		connections: count("presence_connections_refused_total",
			"Sockets and event streams refused at the connection limit."),
		floods: count("presence_http_floods_total", "HTTP connections closed for going on while rate limited."),
		streams: count("presence_event_streams_refused_total",
			"Event streams refused because the participant has as many as it may."),
		ids: count("presence_ids_rate_limited_total",
			"Requests and messages refused because the participant asked about more ids a second than it may."),
		origins: count("presence_origins_refused_total",
			"Sockets and preflights refused because the page's origin may not use this server."),
		strangers: count("presence_stranger_limited_total",
			"Requests and messages refused because the viewer is a stranger to more participants than it may ask about."),
		slowStreams: count("presence_event_streams_slow_total",
			"Event streams closed because the client did not read in time."),
	}
}

func (m *metrics) rejected(code wire.Code) {
	if c, ok := m.rejections[code]; ok {
		c.Inc()
	}
}

// count counts the call's answer, once. An event stream is counted when it begins: it may last for
// days, which is no time to answer.
func (c *call) count() {
	if !c.counted {
		c.counted = true
		c.s.metrics.answered(c.route, c.status, time.Since(c.start))
		c.s.tenants.count(c.tenant(), c.status)
	}
}

// answered counts one answer; r is nil where no route was found.
func (m *metrics) answered(r *route, status int, took time.Duration) {
	meter := m.other
	if r != nil {
		meter = r.meter
	}
	i := slices.Index(statuses[:], status)
	if i < 0 {
		i = len(statuses) - 1
	}
	meter.statuses[i].Inc()
	meter.seconds.Observe(took.Seconds())
}
