package gateway

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/authorize"
)

// Config is what a Server is made from.
type Config struct {
	Cluster Cluster            // required
	Auth    auth.Authenticator // required
	Limits  Limits             // see DefaultLimits

	// Insecure: tokens prove nothing, so only this machine may ask. The Host header must then name
	// loopback: a page whose name was pointed at 127.0.0.1 (DNS rebinding) still sends its own
	// name.
	Insecure bool
	// BeyondLoopback also lets a Host through that is an IP address (--allow-insecure). Rebinding
	// needs a name.
	BeyondLoopback bool

	// AllowedOrigins are the browsers' origins that may use the API besides its own:
	// "https://app.example.com", "https://*.example.com", "file://", "null", or "*" for all.
	AllowedOrigins []string

	// PathPrefix stands before the path of every public route, such as "/presence"; "": nothing
	// does.
	PathPrefix string

	// Authorize is asked what viewers may see; nil: nobody is. The server closes it.
	Authorize *authorize.Client

	OpenAPI []byte       // served at /v1/openapi.yaml; nil: not found
	Demo    http.Handler // the page at /; nil: not found
	// the admin listener is for this machine only, so its Host must name loopback too
	AdminLoopback bool
	// reports whether it is that of operators; nil: the admin listener asks for none
	AdminToken func(token string) bool
	Pprof      bool          // /debug/pprof on the admin listener
	Ready      func() error  // more to ask before /readyz says 200; nil: nothing
	Remark     func() string // what /readyz says besides when it says 200, if anything; nil: nothing
	Logger     *slog.Logger  // nil: none
	// tenants that have metrics of their own, MaxMetricsTenants at most; others have none
	MetricsTenants []string
	Registry       *prometheus.Registry
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
	if err := errors.Join(
		CheckOrigins(c.AllowedOrigins), CheckPathPrefix(c.PathPrefix), CheckMetricsTenants(c.MetricsTenants),
	); err != nil {
		return err
	}
	c.OpenAPI = servedBelow(c.OpenAPI, c.PathPrefix)
	return c.Limits.Validate()
}
