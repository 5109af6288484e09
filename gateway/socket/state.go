package socket

import (
	"bufio"
	queue "container/list"
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/shard"
)

// What this package holds: the sockets, their registry and the server. They know each other, so
// they stand in one file. Their methods are in the others, by what they are about.

// Server holds the sockets of this process. Stop it with Drain, then Close.
type Server struct {
	// static
	cfg   Config
	start time.Time
	ctx   context.Context // ends with Close
	stop  context.CancelFunc

	sourceOf func(net.Conn, *conn) source // nil: the connection needs a goroutine

	poller   poller
	crew     crew
	registry registry
	counters counters
	patience atomic.Pointer[patience]
	draining atomic.Bool
}

// patience is the context of many short waits: making one for each heartbeat would be half of its
// cost.
type patience struct {
	ctx   context.Context
	stop  context.CancelFunc // never needed: the context ends by time, or with the server
	until time.Duration      // from then on the next one is used
}

// conn is one client's connection.
type conn struct {
	// static
	srv *Server
	ws  *websocket.Conn
	nc  *guard

	from  netip.Addr    // the client's address; the zero one if nobody knows
	begun time.Duration // since the server's start

	// reader only
	left        bool           // the lobby
	identity    *auth.Identity // from the header; nil: none, or after hello
	welcomed    bool
	participant string              // after welcome
	service     bool                // acts for many, so its ids aren't counted
	at          *cluster.Attachment // nil: a watcher, or signed out
	limiter     *rate.Limiter
	flood       flood
	idsFrom     time.Duration // before this it was told not to ask about more ids

	// under registry.mu
	tenure tenure
	spot   *queue.Element // in the lobby
	seated bool           // a good token was shown

	// all goroutines'
	reader atomic.Uint32 // reading, stirred, silent
	watch  watch
	alarm  *time.Timer
	out    out
}

// tenure is what the registry knows of a connection's device; under registry.mu.
type tenure struct {
	participant string
	device      string
	session     shard.Version // 0: Attach has not returned
	hidden      bool          // evictions pass it over: it is signing out by itself
}

// registry knows every connection, and those that have said who they are by participant.
type registry struct {
	running sync.WaitGroup // connections, and writers

	mu     sync.Mutex
	closed bool
	lobby  lobby
	seated int                // sockets that have shown a good token
	conns  map[*conn]struct{} // with a socket
	people map[string][]*conn
}

// lobby holds the sockets that have not shown a good token yet. They are counted apart from the
// others: 105 upgrades that never say hello once filled a node of 100 connections. All of it is
// under registry.mu.
type lobby struct {
	taken int        // places, those of handshakes under way included
	line  queue.List // of *conn, the oldest first; with a socket
}

// out is what waits to be written, and the writer. The writer is a goroutine that exists only while
// there is something to write: a stack less for each idle connection.
type out struct {
	writer atomic.Uint32 // idle, writing, again, ended

	mu      sync.Mutex
	replies *[]byte       // frames, in order; nil: none
	room    chan struct{} // closed when replies has been taken; nil: nobody waits
	ping    bool          // a ping is due
	code    closeCode     // why it is being closed; 0: it isn't
	viewer  *hub.Viewer   // nil before welcome
}

// watch is what the connection's alarm looks at. All times are since the server's start; 0: none.
type watch struct {
	lastSign atomic.Int64 // of life
	heard    atomic.Int64 // the latest message of a client with a device, or the latest rest
	helloBy  atomic.Int64 // until when a hello must have come; 0: it has, or is being answered
	expires  atomic.Int64 // of the token
	begun    atomic.Int64 // when the message that is being read began
	pinging  atomic.Bool  // a ping is unanswered
}

// guard is a net.Conn whose writes end: each, ours and the library's, has a deadline. It costs no
// allocation, where a context would cost eleven.
//
// It is also what tells whether there is more to read.
type guard struct {
	// static
	net.Conn
	of    *conn
	ahead *bufio.Reader // the library's, over this guard
	turns *admit.Conn   // nil: nobody takes turns

	// the one who reads: the reader, and then the writer of a close frame
	early []byte // read by net/http before the upgrade

	// reader only
	source     source // nil: there is none, or it isn't needed yet
	sourceless bool   // it needn't be asked for again
	drained    bool   // the last read has left nothing, as far as is known

	// all goroutines'
	now      atomic.Bool // the next read may not wait
	farewell atomic.Bool // a close frame is written, and its writer reads
	ended    atomic.Bool // the client has closed its side, or its connection broke: a read doesn't wait long
}

// flood is how long a connection has been over its rate.
type flood struct {
	since, last time.Duration
}

// counters are written from everywhere.
type counters struct {
	opened, refused         atomic.Int64
	lobbyFull, lobbyAddress atomic.Int64
	lobbyFreed              atomic.Int64
	frames, changes, bytes  atomic.Int64
	rateLimited             atomic.Int64
	fullParticipants        atomic.Int64
	fullServices            atomic.Int64
	pings, pongs            atomic.Int64
	unattended              atomic.Int64
	messages                [numKinds]atomic.Int64
	closes                  [len(closeCodes)]atomic.Int64
}

// far is how a timer is made that only Reset starts.
const far = time.Duration(1<<63 - 1)

// now is the time since the server's start: a number that cannot jump.
func (s *Server) now() time.Duration { return time.Since(s.start) }
