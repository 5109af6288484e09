package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
)

// Withdraw makes /readyz say 503, and changes nothing else: balancers take a while to see it, and
// whom they send meanwhile is served as ever. Drain follows.
func (s *Server) Withdraw() { s.leaving.Store(true) }

// Drain begins the end: /readyz says 503, no socket or stream is opened any more, event streams end
// with a time to come back, and the sockets are told to reconnect elsewhere. It returns when the
// sockets have gone or ctx is done. Requests are still answered; the http.Server's Shutdown, which
// waits for them and for the last words of the streams, comes after.
func (s *Server) Drain(ctx context.Context) {
	s.leave.Do(func() { close(s.draining) })
	s.sockets.Drain(ctx)
}

// Close cuts off what Drain has left. Streams end with their requests.
func (s *Server) Close() {
	s.leave.Do(func() { close(s.draining) })
	s.sockets.Close()
	if s.config.Authorize != nil {
		s.config.Authorize.Close()
	}
}

// HTTPServer makes the http.Server for the public listener; the caller serves what Admit returns,
// with TLS or without, and shuts it down.
//
// net/http answers a header over its limit with 431 and no problem, so it is given twice the
// request line's limit, and lines between are refused by dispatch as too_large. It has no times for
// headers and bodies: what sends too slowly is ended by the listener, and by enter.
func (s *Server) HTTPServer() *http.Server {
	h := s.harden(s.public)
	h.MaxHeaderBytes = s.config.Limits.largestHeader()
	h.WriteTimeout = s.config.Limits.AnswerTimeout
	h.ConnContext = withConn
	h.Protocols = new(http.Protocols)
	h.Protocols.SetHTTP1(true) // by HTTP/2 a stranger may hold far more memory than is sent
	return h
}

// AdminHTTPServer makes the http.Server for the admin listener. A profile takes as long as it is
// told to: there is no time to take an answer. Its few connections are for this machine, or the
// operators' network, so their times are short.
func (s *Server) AdminHTTPServer() *http.Server {
	h := s.harden(s.AdminHandler())
	h.ReadHeaderTimeout, h.ReadTimeout = adminRead, 2*adminRead
	h.MaxHeaderBytes = s.config.Limits.MaxHeaderBytes
	return h
}

// adminRead is how long a request of an operator may take to come.
const adminRead = 5 * time.Second

func (s *Server) harden(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:     handler,
		IdleTimeout: 2 * time.Minute,
		ConnState:   admit.State,
		ErrorLog:    slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelDebug),
	}
}
