package admit

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// What this package holds: the listener, its connections and their places. They know each other, so
// they stand in one file; their methods are in the files above it.

// Config is what a Listener is made of.
type Config struct {
	Connections   int     // all of them, at once
	Crowd         int     // of them are greeted at once; others wait in the kernel's backlog. 0: no limit
	Addresses     *Places // connections of a client address; nil: no limit
	Trusted       Trusted // proxies, whose connections aren't counted by address
	ProxyProtocol bool    // they send a PROXY header
	Secure        bool    // TLS will be spoken: newcomers are refused without a word

	Pace            Pace
	FreeHeaderBytes int     // of a header that don't count
	Headers         *Shares // memory for headers beyond that, of all connections; see HeaderShares
	StrangerIdle    time.Duration
}

// Listener hands out connections that are counted and bounded. All methods are safe for concurrent
// use.
type Listener struct {
	net.Listener
	config   Config
	counts   counts
	refusals chan struct{} // a slot for each that is under way
	gates    *gates
	greeted  atomic.Int64 // connections that are being greeted

	mu      sync.Mutex
	open    int
	resting line // answered, and nothing since
	fresh   line // nothing answered yet
}

// Conn is a connection that has been let in.
type Conn struct {
	net.Conn
	l         *Listener
	raw       net.Conn   // the socket; Conn may read a PROXY header from it first
	peer      netip.Addr // its other end: the client, or a proxy
	announced bool       // peer is a trusted proxy, and sends a PROXY header

	introduced sync.Once // the client's address is known
	denied     error     // after introduced

	phase   atomic.Uint32
	begun   atomic.Bool          // of the request that is awaited, something has come
	proven  atomic.Bool          // the last answer was for a client with a good token
	inside  atomic.Pointer[gate] // in which it holds a place
	greeted atomic.Bool          // it has had an answer, or shown a good token
	poked   chan struct{}        // it may be its turn
	ticket  atomic.Uint64        // in the line in which it waits

	// under Listener.mu
	spot    spot
	since   time.Time // when it stepped into its line
	dropped bool      // its place is another connection's

	mu     sync.Mutex
	client netip.Addr
	closed bool
	outer  time.Time // what net/http set as its deadline for reading
	own    time.Time // what the limits set
	by     time.Time // the earlier of both
	header header
	held   []place
}

// phases of a connection
const (
	awaiting  uint32 = iota // a request, its first or next
	answering               // HTTP/1: what is read belongs to a body, or tells that the client goes
	takenOver               // by a WebSocket, which has limits of its own
)

// place is one that is given back when the connection ends.
type place struct {
	of *Places
	a  netip.Addr
}

// header is what has come of a request before a handler has it.
type header struct {
	began time.Time
	bytes int64
	hold  Hold // of Config.Headers
}

// line is a queue of connections from which any may step out. It is a list through the connections
// themselves, so standing in it costs no memory. All of it is under Listener.mu.
type line struct {
	first, last *Conn
}

// spot is a connection's place in a line.
type spot struct {
	in         *line
	prev, next *Conn
}

// gate bounds how many strangers' connections are worked on at once. Two thousand that send at one
// moment would otherwise all be ready to run, and a user's request would wait behind each of them.
// Those that wait stand in the order in which they came, or in the kernel's backlog.
//
// A connection is inside while it computes: from accept to its first read, and from what came of a
// header or a handshake to the next read, or until the request is with its handler. So is a
// WebSocket that has not shown a good token, until its message has been read. It never waits for
// its client in there, so every turn is short.
type gate struct {
	slots chan struct{}
	line  queue // of those that wait for their client
	pause *pause
}

// gates are two, since a large header takes hundreds of turns: a client that is new and brief
// doesn't stand behind them.
type gates struct {
	brief, large gate
	pause        pause
}

// limit is one that refuses.
type limit uint8

const (
	limitConnections limit = iota
	limitAddress
	limitHeaders
	limitPace
	limitProxyHeader
	numLimits
)

// counts are written from everywhere.
type counts struct {
	freed    atomic.Int64
	refusals [numLimits]atomic.Int64
}
