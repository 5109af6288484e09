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
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// Subprotocol is what a client should offer. One that offers nothing is served all the same: a
// browser's page that forgets it, or a debugging tool, gets the same messages.
const Subprotocol = "presence.v1"

// Node is what sockets need from the cluster for their devices; each method as *cluster.Node has
// it. What names participants is called through people.People.
type Node interface {
	Beat(ctx context.Context, at *cluster.Attachment, a shard.Activity) error
	Touch(ctx context.Context, at *cluster.Attachment) error
	Rest(ctx context.Context, at *cluster.Attachment) (rested bool, err error)
	Detach(ctx context.Context, at *cluster.Attachment) error
	Goodbye(ctx context.Context, at *cluster.Attachment) error
	Forget(at *cluster.Attachment)
	Features() []string // told in `welcome`
}

// Authenticate tells whose a token is, as auth.Authenticator does.
type Authenticate func(ctx context.Context, token string) (auth.Identity, error)

// Config is what a Server is made of.
type Config struct {
	Limits

	Node         Node
	People       people.People
	Hub          *hub.Hub
	Authenticate Authenticate

	NodeID            string        // told in `welcome`
	HeartbeatInterval time.Duration // told in `welcome`
	Deadline          time.Duration // of a socket's silence; half of it brings a ping
	UnattendedAfter   time.Duration // of nothing but pongs: the device is idle then; 0: never

	OriginPatterns []string // browsers' origins besides the own one, as websocket.AcceptOptions has them
	AllOrigins     bool     // the caller of Serve has checked the origin itself

	// Client is the address that a request comes from; nil: none is known. Unwelcome is told of the
	// address of a socket that ended without a good hello.
	Client    func(*http.Request) netip.Addr
	Unwelcome func(from netip.Addr)

	// MaxGreetings is how many sockets may be silent before their hello; 0: no limit. Beyond it,
	// the oldest goes if it is over a second old, or else the newcomer is `unavailable`.
	MaxGreetings int
	Greetings    *admit.Places // of these, those of an address: rate_limited; nil: no limit
	Others       func() int    // connections that count towards MaxConnections but are no sockets; nil: none

	// TakeIDs counts ids that a participant asks about, watches or unwatches. It returns 0, or how
	// long to wait until so many are within its rate: rate_limited. nil: no limit. It isn't asked
	// about service scope.
	TakeIDs func(who tenant.Participant, n int, now time.Time) time.Duration

	// Tenants are those whose sockets are counted by themselves.
	Tenants []tenant.Name

	// States reads what a viewer sees, of an empty one what a stranger does; a backend's answers are
	// in it. nil: People's.
	States func(ctx context.Context, viewer tenant.Participant, list tenant.List, states []shard.State)

	// Seen is States for all that with asks for.
	Seen func(
		ctx context.Context, viewer tenant.Participant, list tenant.List, with shard.With, all []shard.Seen,
	)

	// Meet counts those of a list to whom a viewer is a stranger: rate_limited, which never closes
	// a connection. It isn't asked about service scope. nil: no limit.
	Meet func(ctx context.Context, viewer tenant.Participant, list tenant.List) error

	// Memory is what a frame of more than admit.SmallBytes draws on until its answer is written,
	// with what becomes of it, but for 64 KiB: unavailable. nil: no limit.
	Memory *admit.Shares
}
