package presence

import (
	"context"
	"time"
)

// write sends what there is to say, and leaves politely when ctx ends: within leaveLimit, also when
// the server reads nothing.
func (s *session) write(ctx context.Context, interval time.Duration) {
	defer context.AfterFunc(ctx, s.hangUp)()
	beats := time.NewTicker(max(interval, 100*time.Millisecond))
	defer beats.Stop()
	for s.live.Err() == nil {
		message, wait, err := s.next()
		if err == nil && message != nil {
			err = s.conn.send(s.live, *message)
		}
		if err != nil {
			s.quit(err)
			s.conn.drop()
			return
		}
		if message == nil && !s.await(ctx, beats.C, wait) {
			s.leave()
			return
		}
	}
}

// await waits until there may be something to send: for ever when wait is 0. It reports whether ctx
// still lives.
func (s *session) await(ctx context.Context, beats <-chan time.Time, wait time.Duration) bool {
	var over <-chan time.Time
	if wait > 0 {
		over = time.After(wait)
	}
	select {
	case <-s.live.Done():
	case <-s.poke:
	case <-over:
	case <-beats:
		s.beat()
	case <-ctx.Done():
		return false
	}
	return true
}

// leave signs the device out and waits for the server's close; a watcher has nothing to sign out.
func (s *session) leave() {
	if s.config.Device != "" && s.conn.send(s.live, request{Type: "goodbye"}) == nil {
		<-s.live.Done()
	}
	s.conn.drop()
}

func (s *session) hangUp() {
	if sleep(s.live, leaveLimit) {
		s.conn.drop()
	}
}
