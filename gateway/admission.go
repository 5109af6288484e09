package gateway

import (
	"time"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/socket"
)

// Admission bounds what is taken before anything is known of a client. Each limit has a metric; see
// package admit.
type Admission struct {
	TrustedProxies admit.Trusted // are believed when they say who their client is
	ProxyProtocol  bool          // they send a PROXY header

	MaxOpen int // connections of the public listener; more: one that waits goes, or unavailable
	// connections of a client address; 0: an eighth of MaxOpen, for those of the internet:
	// rate_limited
	MaxOpenByAddress      int
	MaxAdmin              int // connections of the admin listener: unavailable
	MaxGreetings          int // sockets that have not said hello; more: the oldest goes, or unavailable
	MaxGreetingsByAddress int // of these, of a client address; 0: an eighth, as above: rate_limited
	// of a request whose path has no ids: too_large. Larger headers draw on HeaderMemory
	MaxHeaderBytes  int
	HeaderMemory    int64         // bytes that large headers take: unavailable
	Grace           time.Duration // for a client to begin to send, before MinTransferRate counts
	MinTransferRate int           // bytes a second of a header, and of a body: closed
	StrangerIdle    time.Duration // between two requests of a connection whose last answer was for nobody known
	AnonymousRate   float64       // answers a second to a client address that shows no good token: rate_limited
	AnonymousBurst  int           // such answers at once after a pause
}

// AnonymousBurstSeconds is the burst in seconds' worth of the rate.
const AnonymousBurstSeconds = 4

// defaultAdmission suits a process that may open a million files.
func defaultAdmission() Admission {
	return Admission{
		MaxOpen:         110_000,
		MaxAdmin:        64,
		MaxGreetings:    4096,
		MaxHeaderBytes:  socket.GreetingBytes,
		HeaderMemory:    16 << 20,
		Grace:           10 * time.Second,
		MinTransferRate: 512,
		StrangerIdle:    5 * time.Second,
		AnonymousRate:   100,
		AnonymousBurst:  100 * AnonymousBurstSeconds,
	}
}
