package socket

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/shard"
)

// Subprotocol is what a client should offer. One that offers nothing is served all the same: a browser's page that
// forgets it, or a debugging tool, gets the same messages.
const Subprotocol = "presence.v1"

// Node is what sockets need from the cluster; each method as *cluster.Node has it.
type Node interface {
	Attach(ctx context.Context, participant, device string, a shard.Activity) (*cluster.Attachment, error)
	Beat(ctx context.Context, at *cluster.Attachment, a shard.Activity) error
	Touch(ctx context.Context, at *cluster.Attachment) error
	Rest(ctx context.Context, at *cluster.Attachment) (rested bool, err error)
	Detach(ctx context.Context, at *cluster.Attachment) error
	Goodbye(ctx context.Context, at *cluster.Attachment) error
	Forget(at *cluster.Attachment)
	SetOverride(ctx context.Context, participant string, o shard.Override) error
	States(ctx context.Context, viewer string, ids []string, out []shard.State) (unknown int)
}

// Authenticate tells whose a token is, as auth.Authenticator does.
type Authenticate func(ctx context.Context, token string) (auth.Identity, error)

// Config is what a Server is made of. Zero values of durations and numbers take the defaults given behind them.
type Config struct {
	Node         Node
	Hub          *hub.Hub
	Authenticate Authenticate

	NodeID            string        // told in `welcome`
	HeartbeatInterval time.Duration // told in `welcome`
	Deadline          time.Duration // a socket without a sign of life for this long is closed; half of it brings a ping
	UnattendedAfter   time.Duration // a device of which for this long only answers to pings have come is idle; 0: never

	OriginPatterns []string // browsers' origins besides the own one, as websocket.AcceptOptions has them
	AllOrigins     bool     // whoever calls Serve has checked the origin itself

	// Client tells from which address a request comes; nil: nobody knows. Unwelcome is told of one whose socket ended without a good hello.
	Client    func(*http.Request) netip.Addr
	Unwelcome func(from netip.Addr)
	Greetings *admit.Places // sockets of an address that have not said hello; nil: no limit. More get `rate_limited`
	Others    func() int    // connections that count towards MaxConnections but are no sockets; nil: none

	MaxConnections   int // sockets of this server after a good hello; 0: no limit. More are refused as `unavailable`
	MaxGreetings     int // sockets before it; 0: no limit. One that is over a second old goes for a newcomer, or that is `unavailable`
	MaxSockets       int // sockets a participant: 32. More get `rate_limited` and 4008
	ServiceSockets   int // likewise, of who has service scope, as the processes of a backend have under one name: 1,000
	MaxMessageIDs    int // ids in a message: 1,000
	MaxGreetingBytes int // a frame before `welcome`: 16 KiB; larger closes with 1009
	MaxMessageBytes  int // a frame after it: 256 KiB

	MessageRate  float64 // messages a second and connection: 20
	MessageBurst int     // messages at once: 100
	// TakeIDs counts ids that a participant asks about, watches or unwatches, and returns 0 or how long to wait until so many are
	// within its rate: rate_limited. nil: no limit. It isn't asked about service scope.
	TakeIDs func(participant string, n int, now time.Time) time.Duration

	// Memory is what frames of more than admit.SmallBytes draw on, with what becomes of them, until their answer is written, but
	// for 64 KiB: unavailable. nil: no limit.
	Memory *admit.Shares

	FloodTime time.Duration // a connection that goes on for so long over its rate is closed with 4008: 10 s

	HelloTimeout time.Duration // from the connection, or an answer `unavailable`, to a good `hello`: 5 s; then 4003
	WriteTimeout time.Duration // one write; a slower reader is closed with 4005: 10 s
	CloseTimeout time.Duration // how long a client may take to answer a close frame, and a slow one to fetch its 4005: 2 s
	WaitTimeout  time.Duration // the longest wait for an owner to take a write: 5 s
	QueryTimeout time.Duration // the longest wait for owners to answer a question, then `unknown`: 1.5 s
}

func (c Config) withDefaults() Config {
	setDefault(&c.HeartbeatInterval, 30*time.Second)
	setDefault(&c.Deadline, 65*time.Second)
	setDefault(&c.MaxSockets, 32)
	setDefault(&c.ServiceSockets, 1000)
	setDefault(&c.MaxMessageIDs, 1000)
	setDefault(&c.MaxGreetingBytes, 16<<10)
	setDefault(&c.MaxMessageBytes, 256<<10)
	setDefault(&c.MessageRate, 20)
	setDefault(&c.MessageBurst, 100)
	setDefault(&c.FloodTime, 10*time.Second)
	setDefault(&c.HelloTimeout, 5*time.Second)
	setDefault(&c.WriteTimeout, 10*time.Second)
	setDefault(&c.CloseTimeout, 2*time.Second)
	setDefault(&c.WaitTimeout, 5*time.Second)
	setDefault(&c.QueryTimeout, 1500*time.Millisecond)
	return c
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
