package socket

import (
	"context"
	"time"
)

// Sockets are sent away at a rate that the nodes who take them can bear: 10,000 within 10 s.
const (
	sentAwayASecond = 1000
	farewell        = 250 * time.Millisecond // how long after its delay a socket is closed that hasn't left by itself
)

// Drain tells every client to reconnect elsewhere, each after a delay of its own, and closes with
// 1001 the sockets that are still there after it. It returns when all are gone; when ctx ends, the
// rest is cut off. The delays reach to half a Deadline at most, so nobody's device runs out on the
// way, and leave time until ctx's deadline. New connections are refused from now on.
func (s *Server) Drain(ctx context.Context) {
	s.draining.Store(true)
	conns := s.registry.all()
	window := s.drainWindow(ctx, len(conns))
	for i, c := range conns {
		c.sendAway(delayOf(i, len(conns), window))
	}
	s.closeSpread(ctx, conns, window)
	s.awaitAll(ctx)
}

// SendAway tells every client to reconnect elsewhere, each after a delay of its own, as Drain does.
// No socket is closed, and newcomers are let in: there may be nowhere else. The delays leave those
// who have just missed a heartbeat the time to beat elsewhere.
func (s *Server) SendAway() {
	conns := s.registry.all()
	window := min(time.Duration(len(conns))*time.Second/sentAwayASecond, s.cfg.Deadline/4)
	for i, c := range conns {
		c.sendAway(delayOf(i, len(conns), window))
	}
}

func (s *Server) drainWindow(ctx context.Context, n int) time.Duration {
	window := min(time.Duration(n)*time.Second/sentAwayASecond, s.cfg.Deadline/2)
	if end, ok := ctx.Deadline(); ok {
		window = max(min(window, time.Until(end)-2*farewell), 0)
	}
	return window
}

// delayOf is the delay of the i-th of n sockets.
func delayOf(i, n int, window time.Duration) time.Duration {
	return window * time.Duration(i) / time.Duration(n)
}

func (c *conn) sendAway(after time.Duration) {
	c.reply(func(b []byte) []byte { return appendReconnect(b, after) })
}

// closeSpread closes each connection when its delay and the farewell are over.
func (s *Server) closeSpread(ctx context.Context, conns []*conn, window time.Duration) {
	start := time.Now()
	for i, c := range conns {
		wait := time.NewTimer(time.Until(start.Add(delayOf(i, len(conns), window) + farewell)))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
		}
		c.shut(closeGoingAway)
	}
}

// awaitAll waits for the connections' goroutines, and for no longer than ctx.
func (s *Server) awaitAll(ctx context.Context) {
	cut := context.AfterFunc(ctx, func() {
		for _, c := range s.registry.all() {
			c.cut(closeAborted)
		}
	})
	s.registry.close()
	s.awaitConns()
	cut()
}
