package socket

import (
	"bufio"
	queue "container/list"
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/tenant"
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
	alarms   alarms
	registry registry
	flushers flushers
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

	*newcomer // nil after welcome

	// reader only
	left     bool // the lobby
	welcomed bool
	service  bool                // acts for many, so its ids aren't counted
	sent     bool                // the request has named the tenant
	at       *cluster.Attachment // nil: a watcher, or signed out
	pace     pace
	flood    flood
	idsFrom  time.Duration // before this it was told not to ask about more ids

	// under registry.mu
	tenure tenure

	alarm int32 // its place in the server's alarms, counted from 1; 0: it is in none. Under alarms.mu

	// all goroutines'
	reader atomic.Uint32 // reading, stirred, silent
	watch  watch
	out    out
}

// newcomer is what matters until a connection is welcome.
type newcomer struct {
	// static
	from     netip.Addr     // the client's address; the zero one if nobody knows
	begun    time.Duration  // since the server's start
	identity *auth.Identity // from the header; nil: none
	errand   auth.Errand    // the tenant that the header names

	spot *queue.Element // in the lobby; under registry.mu
}

// tenure is what the registry knows of a connection's device; under registry.mu. The reader alone
// changes it, so the reader may look without the lock.
type tenure struct {
	participant tenant.Participant
	device      string
	session     shard.Version // 0: Attach has not returned
	hidden      bool          // evictions pass it over: it is signing out by itself
	seated      bool          // a good token was shown
	next        *conn         // another one of the participant's
}

// registry knows every connection, and those that have said who they are by participant.
type registry struct {
	running sync.WaitGroup // connections, and what may be written to each

	mu     sync.Mutex
	closed bool
	lobby  lobby
	seated int                          // sockets that have shown a good token
	conns  map[*conn]struct{}           // with a socket
	people map[tenant.Participant]*conn // the participant's latest; the others hang on it
	of     map[tenant.Name]int64        // how many of them there are in some tenants
}

// lobby holds the sockets that have not shown a good token yet. They are counted apart from the
// others: 105 upgrades that never say hello once filled a node of 100 connections. All of it is
// under registry.mu.
type lobby struct {
	taken int        // places, those of handshakes under way included
	line  queue.List // of *conn, the oldest first; with a socket
}

// flushers are goroutines that go through the sockets with something to deliver, and write without
// waiting. They exist only while there are such sockets.
type flushers struct {
	most int // static: how many there are at once

	ends sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	running int
	marked  []*conn // each at most once
	taken   int     // of marked, from the front
}

// out is what waits to be written, and who writes it. A writer is a goroutine that exists only
// while there is something to write: a stack less for each idle connection.
type out struct {
	writer atomic.Uint32 // idle, marked, writing, again, ended
	queued bool          // in flushers.marked; under flushers.mu

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
	of      *conn
	library *bufio.Reader // the library's, over this guard

	// the one who reads: the reader, and then the writer of a close frame
	ahead *readAhead // what was read and not used, at first by net/http; nil: none

	control *[]byte // the beginning of a control frame, under the library's lock for writing; nil: none

	// reader only
	source     source // nil: there is none, or it isn't needed yet
	sourceless bool   // it needn't be asked for again
	drained    bool   // the last read has left nothing, as far as is known

	// all goroutines'
	mu       sync.Mutex  // over each write, so that frames stay whole
	now      atomic.Bool // the next read may not wait
	farewell atomic.Bool // a close frame is written, and its writer reads
	ended    atomic.Bool // the client has closed its side, or its connection broke: a read doesn't wait long
}

// source is a socket that can be waited for without a goroutine. Once it is attached to a
// connection, that one's wake is called when there is something to read that wasn't there before.
type source interface {
	// readNow is net.Conn's Read, but it doesn't wait: errNothing.
	readNow(p []byte) (int, error)
	// detach ends the calls of wake, but for one that is under way.
	detach()
}

var errNothing = errors.New("nothing to read")

// The states of a connection's reader. Whoever wakes it pokes: silent becomes reading and a reader
// starts, reading becomes stirred and the reader looks again before it ends.
const (
	reading uint32 = iota
	stirred
	silent
)

// crew is the goroutines that readers run in. Some are kept for the next ones: a new goroutine has
// to make its stack larger three times on the way to an owner, which is more work than a heartbeat.
type crew struct {
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	free   []chan *conn // the latest last: its stack is warm
}

// alarms are those of all connections, behind one timer: a timer and its function for each took
// 170 bytes. They ring in one goroutine, one after the other, and none waits.
type alarms struct {
	start time.Time // static

	mu     sync.Mutex
	closed bool
	timer  *time.Timer   // nil: nothing was ever set
	next   time.Duration // when the timer rings
	line   alarmLine
}

// alarm is when a connection is to be looked at, since the server's start.
type alarm struct {
	at time.Duration
	of *conn
}

// pace is a bucket of messages that a connection may send at once, and that fills again with time.
// It is a time alone: that at which the bucket is full again.
type pace struct {
	full time.Duration
}

// readAhead is a buffer with what is left in it.
type readAhead struct {
	buffer []byte
	left   []byte
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

// far is never.
const far = time.Duration(1<<63 - 1)

// now is the time since the server's start: a number that cannot jump.
func (s *Server) now() time.Duration { return time.Since(s.start) }
