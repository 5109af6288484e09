package presence

import (
	"context"
	"sync"
	"time"
)

// session is one connection that was welcomed: a reader, a writer, and the goroutine of Run, which
// reports what comes.
type session struct {
	*running
	conn   conn
	events chan Event // of the reader; closed when the connection has ended
	err    error      // why, once events is closed
	owed   Event      // that of the reader's last message, if nothing took it; once known is free
	known  sync.Mutex // the reader's, from what it has learned until that is reported

	live context.Context // ends with the connection, or when the writer gives it up
	quit context.CancelCauseFunc

	begun    time.Time
	redialAt time.Time        // set by a Reconnect; zero: none came
	move     <-chan time.Time // at redialAt
	left     bool             // to the node, to end it
}

func newSession(r *running, c conn) *session {
	s := &session{running: r, conn: c, events: make(chan Event), begun: time.Now()}
	s.live, s.quit = context.WithCancelCause(context.Background())
	return s
}

// stay returns when the connection has ended, or at the time at which the node wants it to move.
// The reader doesn't hang on ctx, which would cut the connection before the goodbye: the writer
// notices the end of ctx.
func (s *session) stay(ctx context.Context, interval time.Duration) ending {
	written := make(chan struct{})
	go s.read()
	go func() { defer close(written); s.write(ctx, interval) }()
	defer func() { // also when handle panics
		if !s.left {
			s.conn.drop()
		}
		s.quit(nil)
		<-written
	}()
	for {
		select {
		case event, ok := <-s.events:
			if !ok {
				s.settle()
				return s.ending(s.err)
			}
			s.report(event)
		case <-s.move:
			s.retire(ctx)
			s.settle()
			return s.ending(nil)
		}
	}
}

func (s *session) report(event Event) {
	if r, leaving := event.(Reconnect); leaving {
		s.redialAt = time.Now().Add(r.After)
		s.move = time.After(r.After)
	}
	s.handle(event)
}

// settle reports what the reader couldn't get rid of: it is known already, so the next snapshot
// won't tell it.
func (s *session) settle() {
	s.known.Lock()
	owed := s.owed
	s.known.Unlock()
	if owed != nil {
		s.report(owed)
	}
}

// ending tells how the connection ended. Once the node has said that it leaves, how it broke
// doesn't matter.
func (s *session) ending(err error) ending {
	e := ending{err: err, welcomed: true, lasted: time.Since(s.begun), redialAt: s.redialAt}
	if !s.redialAt.IsZero() {
		e.err, e.moved = &Closed{Code: CodeLeaving}, true
	}
	return e
}

// retire leaves the connection to the node for a while, which hangs up by itself: that keeps the
// device, where hanging up first would start its linger.
func (s *session) retire(ctx context.Context) {
	s.left = true
	s.quit(nil)
	s.retired.Go(func() {
		stop := context.AfterFunc(ctx, s.conn.drop)
		defer stop()
		limit := time.AfterFunc(retiredLimit, s.conn.drop)
		defer limit.Stop()
		for range s.events {
		}
	})
}

// read gives events until the connection ends.
func (s *session) read() {
	defer close(s.events)
	defer s.conn.drop()
	for {
		m, err := s.conn.next(context.Background())
		if err != nil {
			if s.err = err; context.Cause(s.live) == errSilent {
				s.err = errSilent
			}
			s.quit(nil)
			return
		}
		s.learn(m)
	}
}

// learn takes a message, and returns when its event is on its way, or owed.
func (s *session) learn(m *reply) {
	s.known.Lock()
	defer s.known.Unlock()
	if s.live.Err() != nil {
		return // it has retired
	}
	event := s.receive(m)
	if event == nil {
		return
	}
	select {
	case s.events <- event:
	case <-s.live.Done():
		s.owed = event
	}
}
