package link

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/scaiwave/presence/cluster/protocol"
)

// The header fields of the upgrade request.
const (
	headerCluster  = "Presence-Cluster"
	headerProtocol = "Presence-Protocol" // Terms.Text
	headerSpeaks   = "Presence-Speaks"   // Terms.Speaks; of the answer, too
	headerFrom     = "Presence-From"
	headerTo       = "Presence-To"
	headerClass    = "Presence-Class"
	headerClock    = "Presence-Clock" // Unix milliseconds; of the answer, too
	path           = "/link"
)

// Local is what this node tells the nodes that it dials, and expects of those that dial it.
type Local struct {
	Name    Name
	Cluster string         // nodes with another name are refused
	Terms   protocol.Terms // nodes whose terms don't fit are refused
	TLS     *TLS           // nil: plain
	Handler Handler
	Logger  *slog.Logger
	Stats   *Stats
	Pulses  *Pulses

	Members Members // nil: all nodes are

	Dial  func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network
	Clock func() time.Time                                                     // nil: time.Now
}

// Members are the nodes with which links are made.
type Members interface {
	// Knows reports whether a node is a member.
	Knows(name Name) bool
	// Await waits until a node is a member, and reports whether it is before ctx ends.
	Await(ctx context.Context, name Name) bool
	// Introduce tells a node that has refused a link of this one, soon. It must not wait.
	Introduce(to Name)
}

func (l *Local) now() time.Time {
	if l.Clock == nil {
		return time.Now()
	}
	return l.Clock()
}

func (l *Local) clock() string { return strconv.FormatInt(l.now().UnixMilli(), 10) }

// aheadOf is how far a peer's clock is ahead of this node's, by its header; 0 if that has no time.
func (l *Local) aheadOf(h http.Header) time.Duration {
	ms, err := strconv.ParseInt(h.Get(headerClock), 10, 64)
	if err != nil {
		return 0
	}
	return time.UnixMilli(ms).Sub(l.now())
}

// common is the highest protocol that this node and one that says h speak, or why they can't meet.
func (l *Local) common(h http.Header) (int, error) {
	there, err := protocol.ReadSpeaks(h.Get(headerProtocol), h.Get(headerSpeaks))
	if err == nil {
		err = l.Terms.Fits(there)
	}
	if err != nil {
		return 0, fmt.Errorf("node %.80q: %w", h.Get(headerFrom), err)
	}
	return l.Terms.Common(there.Range), nil
}
