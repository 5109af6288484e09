package link

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/cluster/unproven"
)

// Server accepts the connections of other nodes.
type Server struct {
	local   *Local
	http    *http.Server
	held    chan struct{} // a slot for each node that is held; see admit
	running sync.WaitGroup

	mu     sync.Mutex
	conns  map[*Conn]struct{}
	closed bool
}

// Serve accepts on l until Close.
func Serve(local *Local, l net.Listener) *Server {
	s := &Server{local: local, held: make(chan struct{}, maxHeld), conns: make(map[*Conn]struct{})}
	s.http = &http.Server{
		Handler: http.HandlerFunc(s.accept), ReadHeaderTimeout: Strangers.Time, MaxHeaderBytes: 8 << 10,
		ErrorLog: log.New(listenerLines{local}, "", 0), ConnContext: withConn,
	}
	s.http.SetKeepAlivesEnabled(false) // a node that was refused holds no connection
	l = unproven.Listen(l, Strangers, &local.Stats.Unproven, local.Logger)
	if local.TLS != nil {
		l = local.TLS.listener(l, &local.Stats.Refused)
	}
	s.running.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			local.Logger.Error("peer listener failed", "error", err)
		}
	})
	return s
}

// Close ends the listener and all connections, and waits for what they run.
func (s *Server) Close() {
	_ = s.http.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// restTime is how long the rest of a refused handshake is waited for.
const restTime = time.Second

func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	from, err := s.check(r)
	if err == nil {
		prove(r)
		err = s.admit(r.Context(), from.name)
	}
	if err != nil {
		s.local.Stats.Refused.Add(1)
		s.local.Logger.Warn("peer refused", "from", r.RemoteAddr, "error", err)
		// net/http waits for a body, and a proven connection has no limit of time any more
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(restTime))
		http.Error(w, "refused", http.StatusForbidden) // a stranger must not learn what would be right
		return
	}
	ahead := s.local.aheadOf(r.Header)
	w.Header().Set(headerClock, s.local.clock())
	w.Header().Set(headerSpeaks, s.local.Terms.Speaks())
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	c := newConn(ws, false, from.class, from.name, s.local)
	c.ahead, c.protocol = ahead, from.protocol
	if !s.start(c) {
		_ = ws.CloseNow()
	}
}

// admit returns an error unless a node is a member, or becomes one within holdTime.
func (s *Server) admit(ctx context.Context, from Name) error {
	if m := s.local.Members; m == nil || m.Knows(from) {
		return nil
	}
	select {
	case s.held <- struct{}{}:
		defer func() { <-s.held }()
	default:
		return fmt.Errorf("%q may not be a member yet, and %d others wait to become one", from, maxHeld)
	}
	ctx, cancel := context.WithTimeout(ctx, holdTime)
	defer cancel()
	if !s.local.Members.Await(ctx, from) {
		return fmt.Errorf("%q is no member that gossip knows here; "+
			"see that gossip, TCP and UDP, gets through in both directions", from)
	}
	return nil
}

// start runs a connection. It reports false if the server is closed.
func (s *Server) start(c *Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = struct{}{}
	s.running.Go(func() {
		if err := c.run(); !netClosed(err) {
			s.local.Logger.Info("link ended", "peer", c.peer.ID, "class", c.class, "error", err)
		}
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	})
	return true
}

// caller is what a handshake says of the node that makes it.
type caller struct {
	name     Name
	class    Class
	protocol int // the highest that both speak
}

// check reads a handshake, or returns what doesn't fit.
func (s *Server) check(r *http.Request) (from caller, err error) {
	l := s.local
	if r.URL.Path != path {
		return from, fmt.Errorf("path %.40q; this listener is for other nodes, at %s", r.URL.Path, path)
	}
	if got := r.Header.Get(headerCluster); got != l.Cluster {
		return from, fmt.Errorf("cluster name %.80q; here it is %q", got, l.Cluster)
	}
	if from.protocol, err = l.common(r.Header); err != nil {
		return from, err
	}
	if got := r.Header.Get(headerTo); got != l.Name.String() {
		return from, fmt.Errorf("looking for %.80q; this is %q", got, l.Name)
	}
	if from.name, err = ParseName(r.Header.Get(headerFrom)); err != nil {
		return from, err
	}
	if from.name == l.Name {
		return from, fmt.Errorf("%q is this node itself", from.name)
	}
	if from.class, err = parseClass(r.Header.Get(headerClass)); err != nil {
		return from, err
	}
	if l.TLS != nil {
		err = named(r.TLS, from.name.ID)
	}
	return from, err
}
