package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

var errDraining = errors.New("draining: this node is leaving")

// Drain begins the end: /readyz says 503, no socket or stream is opened any more, event streams end with a time to come back, and the
// sockets are told to reconnect elsewhere. It returns when the sockets have gone or ctx is done. Requests are still answered; the
// http.Server's Shutdown, which waits for them and for the last words of the streams, comes after.
func (s *Server) Drain(ctx context.Context) {
	s.leave.Do(func() { close(s.draining) })
	s.sockets.Drain(ctx)
}

// Close cuts off what Drain has left. Streams end with their requests.
func (s *Server) Close() {
	s.leave.Do(func() { close(s.draining) })
	s.sockets.Close()
}

// headerRoom is what a request's header may have besides its request line, in bytes.
const headerRoom = 64 << 10

// HTTPServer makes the http.Server for the public listener; the caller serves, with TLS or without, and shuts it down.
//
// net/http answers a header over its limit with 431 and no problem, so it is given twice the request line's
// limit, and lines between are refused by dispatch as too_large.
func (s *Server) HTTPServer() *http.Server {
	h := s.harden(s.public)
	h.MaxHeaderBytes = 2*s.config.Limits.MaxRequestLineBytes + headerRoom
	h.ConnContext = withFlood
	return h
}

// AdminHTTPServer makes the http.Server for the admin listener. A profile takes as long as it is told to: there is no time
// to take an answer.
func (s *Server) AdminHTTPServer() *http.Server {
	h := s.harden(s.AdminHandler())
	h.WriteTimeout = 0
	return h
}

func (s *Server) harden(handler http.Handler) *http.Server {
	timeout := s.config.Limits.RequestTimeout
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: min(timeout, 10*time.Second),
		ReadTimeout:       timeout,
		WriteTimeout:      2 * timeout, // both begin with the request; a body that was too slow still gets its answer
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelDebug),
	}
}
