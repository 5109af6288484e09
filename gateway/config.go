package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/auth"
)

// Config is what a Server is made from.
type Config struct {
	Cluster Cluster            // required
	Auth    auth.Authenticator // required
	Limits  Limits             // see DefaultLimits

	// Insecure: tokens prove nothing, so only this machine may ask. The Host header must then name loopback: a page whose
	// name was pointed at 127.0.0.1 (DNS rebinding) still sends its own name.
	Insecure bool
	// BeyondLoopback also lets a Host through that is an IP address (--allow-insecure). Rebinding needs a name.
	BeyondLoopback bool

	// AllowedOrigins are the browsers' origins that may use the API besides its own: "https://app.example.com",
	// "https://*.example.com", "file://", "null", or "*" for all.
	AllowedOrigins []string

	// PathPrefix stands before the path of every public route, such as "/presence"; "": nothing does.
	PathPrefix string

	OpenAPI       []byte                  // served at /v1/openapi.yaml; nil: not found
	Demo          http.Handler            // the page at /; nil: not found
	AdminLoopback bool                    // the admin listener is for this machine only, so its Host must name loopback too
	AdminToken    func(token string) bool // reports whether it is that of operators; nil: the admin listener asks for none
	Pprof         bool                    // /debug/pprof on the admin listener
	Ready         func() error            // more to ask before /readyz says 200; nil: nothing
	Remark        func() string           // what /readyz says besides when it says 200, if anything; nil: nothing
	Logger        *slog.Logger            // nil: none
	Registry      *prometheus.Registry
}

// Limits bound what one request, participant or gateway may use. Every limit has a metric and an error.
type Limits struct {
	Admission                         // before anything is known of a client
	MaxConnections      int           // WebSockets and event streams of this gateway; 9 KB each, and what they watch. More: unavailable
	MaxSockets          int           // sockets of one participant, and event streams; one more gets rate_limited
	ServiceSockets      int           // sockets of one participant with service scope, whose event streams have no limit; one more gets rate_limited
	MaxIDs              int           // ids of GET /v1/presence, of /v1/events and of a message on a socket: too_many_ids
	MaxWatched          int           // ids that one connection watches: too_many_ids
	MaxQueryIDs         int           // ids of POST /v1/presence/query: too_many_ids
	MaxItems            int           // heartbeats or direct messages of a batch: too_many_items
	MaxBodyBytes        int           // too_large
	MaxGreetingBytes    int           // of a socket's frame before its welcome: closed with 1009
	RequestMemory       int64         // bytes that requests in flight take: unavailable; a participant may have a quarter
	RoomWait            time.Duration // for others to give memory back; then unavailable
	MaxRequestLineBytes int           // too_large; beyond twice as much net/http answers 431 by itself
	ParticipantRate     float64       // HTTP requests a second of a participant, service scope without: rate_limited
	ParticipantBurst    int           // requests at once after a pause
	ParticipantIDsRate  float64       // ids a second that a participant asks about, watches or unwatches; service scope without: rate_limited
	ParticipantIDsBurst int           // ids at once after a pause; at least MaxQueryIDs and what the largest body counts as
	MessageRate         float64       // messages a second on one socket: rate_limited
	MessageBurst        int           // messages at once after a pause
	FloodTime           time.Duration // a connection that goes on for this long while rate_limited is closed
	ReadWait            time.Duration // for owners to answer a read; then unknown
	WriteWait           time.Duration // for owners to take a write; then unavailable
	AnswerTimeout       time.Duration // for a client to take an answer, from the request's end
	EventsKeepAlive     time.Duration // silence of an event stream before a comment is sent; proxies often cut at 60 s
	EventsWriteWait     time.Duration // for a client to take an event; then the stream is closed as a slow consumer
}

// Bursts in seconds' worth of the rate.
const (
	ParticipantBurstSeconds = 4
	IDsBurstSeconds         = 10
	MessageBurstSeconds     = 5
)

// DefaultLimits are those of the wire contract.
func DefaultLimits() Limits {
	return Limits{
		Admission:           defaultAdmission(),
		MaxConnections:      100_000,
		MaxSockets:          32,
		ServiceSockets:      1000,
		MaxIDs:              1000,
		MaxWatched:          5000,
		MaxQueryIDs:         10_000,
		MaxItems:            10_000,
		MaxBodyBytes:        4 << 20,
		MaxGreetingBytes:    beforeToken,
		MaxRequestLineBytes: 512 << 10,
		RequestMemory:       64 << 20,
		RoomWait:            time.Second,
		ParticipantRate:     50,
		ParticipantBurst:    50 * ParticipantBurstSeconds,
		ParticipantIDsRate:  5000,
		ParticipantIDsBurst: 5000 * IDsBurstSeconds,
		MessageRate:         20,
		MessageBurst:        20 * MessageBurstSeconds,
		FloodTime:           10 * time.Second,
		ReadWait:            2 * time.Second,
		WriteWait:           5 * time.Second,
		AnswerTimeout:       time.Minute,
		EventsKeepAlive:     15 * time.Second,
		EventsWriteWait:     10 * time.Second,
	}
}

// bounded is a limit that is a number, and its own bounds.
type bounded struct {
	name     string
	value    int
	min, max int
}

// checkCounts returns an error that names the first limit out of bounds.
func checkCounts(counts []bounded) error {
	for _, c := range counts {
		if c.value < c.min || c.value > c.max {
			return fmt.Errorf("gateway: %s is %d; it must be %d to %d", c.name, c.value, c.min, c.max)
		}
	}
	return nil
}

// Validate says which limit is out of bounds.
func (l *Limits) Validate() error {
	counts := []bounded{
		{"max connections", l.MaxConnections, 1, 10_000_000},
		{"max sockets of a participant", l.MaxSockets, 1, 100_000},
		{"service sockets", l.ServiceSockets, 1, 1_000_000},
		{"max watched ids", l.MaxWatched, 1, 1_000_000},
		{"message burst", l.MessageBurst, 1, 1_000_000},
		{"max ids", l.MaxIDs, 1, 100_000},
		{"max query ids", l.MaxQueryIDs, 1, 1_000_000},
		{"max items", l.MaxItems, 1, 1_000_000},
		{"max body bytes", l.MaxBodyBytes, 1 << 10, 1 << 30},
		{"max greeting bytes", l.MaxGreetingBytes, 1 << 10, 1 << 20},
		{"max request line bytes", l.MaxRequestLineBytes, 1 << 10, 16 << 20},
		{"participant burst", l.ParticipantBurst, 1, 1_000_000},
		{"participant ids burst", l.ParticipantIDsBurst, max(l.MaxQueryIDs, l.MaxBodyBytes/admit.BytesPerID), 1_000_000_000},
	}
	if err := checkCounts(counts); err != nil {
		return err
	}
	for name, r := range map[string]float64{
		"participant rate": l.ParticipantRate, "participant ids rate": l.ParticipantIDsRate, "message rate": l.MessageRate,
	} {
		if !(r > 0 && r <= 1e6) {
			return fmt.Errorf("gateway: %s is %v a second; it must be more than 0 and at most a million", name, r)
		}
	}
	if least := l.LeastRequestMemory(); l.RequestMemory < least {
		return fmt.Errorf("gateway: request memory is %d bytes; it must be at least %d, which two of the largest queries take", l.RequestMemory, least)
	}
	return errors.Join(l.validateTimes(), l.Admission.validate())
}

func (l *Limits) validateTimes() error {
	times := []struct {
		name  string
		value time.Duration
	}{
		{"room wait", l.RoomWait},
		{"flood time", l.FloodTime},
		{"read wait", l.ReadWait},
		{"write wait", l.WriteWait},
		{"answer timeout", l.AnswerTimeout},
		{"grace", l.Grace},
		{"stranger idle", l.StrangerIdle},
		{"events keep-alive", l.EventsKeepAlive},
		{"events write wait", l.EventsWriteWait},
	}
	for _, t := range times {
		if t.value < time.Millisecond || t.value > time.Hour {
			return fmt.Errorf("gateway: %s is %v; it must be 1ms to 1h", t.name, t.value)
		}
	}
	return nil
}

// check fills in what may be left out and refuses the rest.
func (c *Config) check() error {
	if c.Cluster == nil || c.Auth == nil {
		return errors.New("gateway: Config needs a Cluster and an Auth")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	if err := errors.Join(CheckOrigins(c.AllowedOrigins), CheckPathPrefix(c.PathPrefix)); err != nil {
		return err
	}
	c.OpenAPI = servedBelow(c.OpenAPI, c.PathPrefix)
	return c.Limits.Validate()
}
