package sim

import (
	"errors"
	"time"
)

// pongAge is how old the latest answer to a ping of a socket that says nothing may be: it is asked
// after half a deadline.
const pongAge = deadline/2 + time.Second

// unattended is for how long a device may give nothing but answers to pings before it is idle.
const unattended = 3 * time.Minute

var errFrozen = errors.New("the page doesn't run")

// freeze is what a browser does to a page that its person has left: its socket stays open and
// answers pings, and nothing else comes of it. It thaws after a while, and beats.
func (s *session) freeze(d time.Duration) {
	s.mu.Lock()
	so := s.socket
	s.mu.Unlock()
	if so == nil || !s.setFrozen(true) {
		return
	}
	s.w.running.Go(func() { s.abandoned(so) })
	for end := s.w.now() + d; s.w.now() < end && s.w.ctx.Err() == nil; {
		sleep(s.w.ctx, min(pongAge/4, end-s.w.now()))
		s.ponged(so)
	}
	s.setFrozen(false)
	s.mu.Lock()
	activity := s.activity
	s.mu.Unlock()
	_ = s.flip(activity)
}

// setFrozen returns false if that is so already.
func (s *session) setFrozen(frozen bool) bool {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.frozen == frozen || s.deviceName == "" {
		return false
	}
	s.frozen = frozen
	if !frozen {
		s.ran = s.w.now()
	}
	return true
}

func (s *session) isFrozen() bool {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.frozen
}

// thawed waits until the page runs.
func (s *session) thawed(done <-chan struct{}) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for s.isFrozen() {
		select {
		case <-done:
			return
		case <-t.C:
		}
	}
}

// ponged tells the model that the socket has answered a ping lately, if it must have.
func (s *session) ponged(so *socket) {
	said := so.said().Sub(s.w.start)
	if !s.lies(so, so.said()) {
		return
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	at := max(s.w.now()-pongAge, said)
	if s.asleep || s.woke > at {
		return
	}
	d := s.w.model.device(s.id, s.deviceName)
	d.signs = append(d.signs, &sign{start: at, end: at, firm: !s.w.model.troubled(at, s.w.now())})
}

// abandoned tells the model that the device becomes idle when nothing has come for so long, unless
// it isn't as it was by then. It may fail amid a fault, and is tried again some time.
func (s *session) abandoned(so *socket) {
	w := s.w
	last := so.said()
	said := last.Sub(w.start)
	sleep(w.ctx, said+unattended-w.model.slack-w.now())
	if !s.lies(so, last) {
		return
	}
	w.mu.Lock()
	f := w.model.device(s.id, s.deviceName).activity
	o := f.begin(w.now(), idle)
	w.mu.Unlock()
	sleep(w.ctx, 3*w.model.slack)
	lies := s.lies(so, last)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.frozen++
	if !lies || s.slept > said || w.model.troubled(said, w.now()) {
		f.fail(w.now(), o)
		return
	}
	w.tell("%s has been frozen for long", key(s.id, s.place))
	f.done(w.now(), o, true, w.blur())
}

// lies reports whether the page has been frozen, with this socket, since it said something last.
func (s *session) lies(so *socket, last time.Time) bool {
	s.mu.Lock()
	same := s.socket == so && so.said().Equal(last)
	s.mu.Unlock()
	return same && s.isFrozen()
}
