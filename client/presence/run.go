package presence

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	staleAfter   = time.Minute     // without a connection: what was known is Unknown then
	retiredLimit = 5 * time.Second // how long a leaving node may take to hang up by itself
	leaveLimit   = 2 * time.Second // for the goodbye and the server's close
)

var (
	errEnded    = errors.New("the client has ended") // of a pick that nothing acknowledged
	errRunTwice = errors.New("Run was called before; a client runs once")
)

// Run keeps a connection until ctx ends, and then signs the device out and returns nil. Any other
// return is the end that the server or a Config that makes no sense asked for; see doc.go. A client
// runs once. handle is called from one goroutine at a time and should return soon: nothing more is
// read before. It must not wait for what is read, as SetOverride does.
func (c *Client) Run(ctx context.Context, handle func(Event)) (err error) {
	if !c.start() {
		return errRunTwice
	}
	r := &running{Client: c, handle: handle, course: newCourse(c.config.NewToken == nil)}
	defer func() {
		r.retired.Wait()
		c.end(errors.Join(errEnded, err))
	}()
	return r.run(ctx)
}

// running is a call of Run.
type running struct {
	*Client
	handle  func(Event)
	course  *course
	staleAt time.Time // when what is known is over; zero: it is over, or there is a connection
	retired sync.WaitGroup
}

func (r *running) run(ctx context.Context) error {
	if _, err := endpoint(r.config.Server); err != nil {
		return err
	}
	for {
		e := r.attempt(ctx)
		if ctx.Err() != nil {
			return nil
		}
		wait, again := r.course.after(e)
		if !again {
			return e.err
		}
		if e.welcomed {
			r.staleAt = time.Now().Add(staleAfter)
		}
		r.handle(Lost{e.err, wait})
		if !r.rest(ctx, wait) {
			return nil
		}
	}
}

// rest reports whether ctx still lives after the wait. What was known becomes Unknown meanwhile, if
// its time is over; attempts in between can make that a few seconds late.
func (r *running) rest(ctx context.Context, wait time.Duration) bool {
	if left := time.Until(r.staleAt); !r.staleAt.IsZero() && left < wait {
		if !sleep(ctx, left) {
			return false
		}
		wait -= max(0, left)
		r.staleAt = time.Time{}
		if gone := r.forget(); gone != nil {
			r.handle(gone)
		}
	}
	return sleep(ctx, wait)
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

// attempt connects, and stays until the connection ends.
func (r *running) attempt(ctx context.Context) ending {
	token, err := r.config.token(ctx)
	if err != nil {
		return ending{err: err}
	}
	hello := r.hello(token)
	conn, welcome, err := dial(ctx, &r.config, hello)
	if err != nil {
		return ending{err: err}
	}
	r.staleAt = time.Time{}
	r.begin(welcome, hello.Activity)
	r.handle(welcome)
	return newSession(r, conn).stay(ctx, welcome.HeartbeatInterval)
}
