package dial

import (
	"cmp"
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	leaveTimeout = 2 * time.Second  // for the goodbye and the server's close
	pingTimeout  = 10 * time.Second // a server that is silent for longer is gone
	shortestWait = 500 * time.Millisecond
	longestWait  = 15 * time.Second // well under half a deadline at the default timings, so a device is back in time
)

// Keep holds a connection until ctx ends (nil), the first attempt fails, or the server says not to come back. handle is
// called from one goroutine at a time and should return soon.
func Keep(ctx context.Context, cfg Config, handle func(Event)) error {
	for attempt, welcomed := 0, false; ; attempt++ {
		s := session{cfg: cfg, handle: handle}
		err := s.run(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if s.welcomed {
			attempt, welcomed = 0, true
		}
		if !welcomed || final(err) {
			return err
		}
		wait := s.wait(attempt)
		handle(Lost{err, wait})
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

// backoff is full jitter: any time between nothing and a ceiling that doubles, so that a herd spreads out.
func backoff(attempt int, random func(n int64) int64) time.Duration {
	ceiling := shortestWait << min(attempt, 10)
	return time.Duration(random(int64(min(ceiling, longestWait)) + 1))
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// session is one connection of Keep.
type session struct {
	cfg      Config
	handle   func(Event)
	welcomed bool
	redialAt time.Time // set by a Reconnect; zero: back off
}

func (s *session) wait(attempt int) time.Duration {
	if s.redialAt.IsZero() {
		return backoff(attempt, rand.Int64N)
	}
	return max(0, time.Until(s.redialAt))
}

// run reads until the connection ends. Its reads don't hang on ctx, which would cut the connection before the goodbye:
// tend, the only other goroutine, notices the end of ctx, and stops when run returns.
func (s *session) run(ctx context.Context) error {
	conn, err := Dial(ctx, s.cfg)
	if err != nil {
		return err
	}
	s.welcomed = true
	s.handle(conn.Welcome)
	live, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var tending sync.WaitGroup
	tending.Go(func() { s.tend(ctx, live, conn) })
	defer tending.Wait()
	defer conn.CloseNow()
	defer cancel()
	if err := conn.Subscribe(live, s.cfg.Watch...); err != nil {
		return err
	}
	for {
		event, err := conn.Next(live)
		if err != nil {
			return s.why(err)
		}
		s.take(event, conn)
	}
}

// why is the reason to give for the end: once the node has said that it leaves, how the connection broke doesn't matter.
func (s *session) why(err error) error {
	if !s.redialAt.IsZero() {
		return &Closed{Code: CodeLeaving}
	}
	return err
}

func (s *session) take(event Event, conn *Conn) {
	if r, leaving := event.(Reconnect); leaving {
		s.redialAt = time.Now().Add(r.After)
		time.AfterFunc(r.After, conn.CloseNow)
	}
	s.handle(event)
}

// tend sends the heartbeats and pings of a live connection, and leaves politely when ctx ends.
func (s *session) tend(ctx, live context.Context, conn *Conn) {
	ticker := time.NewTicker(max(conn.Welcome.HeartbeatInterval, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-live.Done():
			return
		case <-ctx.Done():
			s.leave(live, conn)
			return
		case <-ticker.C:
			if s.beat(live, conn) != nil {
				conn.CloseNow()
				return
			}
		}
	}
}

func (s *session) beat(live context.Context, conn *Conn) error {
	bounded, cancel := context.WithTimeout(live, pingTimeout)
	defer cancel()
	if s.cfg.Device != "" {
		if err := conn.Heartbeat(bounded, cmp.Or(s.cfg.Activity, "online")); err != nil {
			return err
		}
	}
	return conn.Ping(bounded)
}

// leave signs the device out and waits for the server's close, which ends live; a watcher has nothing to sign out.
func (s *session) leave(live context.Context, conn *Conn) {
	bounded, cancel := context.WithTimeout(live, leaveTimeout)
	defer cancel()
	if s.cfg.Device != "" && conn.Goodbye(bounded) == nil {
		<-bounded.Done()
	}
	conn.CloseNow()
}
