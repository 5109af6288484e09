package sim

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

const (
	heartbeatEvery = 30 * time.Second
	pingTimeout    = 10 * time.Second
	signedOut      = 1000 // close codes
	replaced       = 4006

	// How old may be what an event says, and what it says amid a fault: the view comes again from
	// whoever owns it then.
	eventLag   = 2 * time.Second
	troubleLag = 15 * time.Second
)

// session is a client that keeps a connection, as the real ones do: it beats, it watches everybody,
// and it connects again elsewhere. Without a device it only watches.
type session struct {
	// static
	w              *world
	id, deviceName string
	place          string // where the client is: the device's name, unless that is signed in at two places
	stream         bool   // it watches by an event stream
	host           *memnet.Host
	watches        []string
	home           *place // it connects there as long as a node is up there; nil: anywhere
	stop           context.CancelFunc

	mu       sync.Mutex
	socket   *socket
	address  string
	activity string
	shown    map[string]string // what it was told last
	says     map[string]string // likewise, of statuses

	// guarded by the world
	asleep      bool
	frozen      bool          // the page: nothing comes of it but answers to pings
	slept, woke time.Duration // the latest time
	ran         time.Duration // when the page was thawed last
	node        *node         // that its socket leads to
	answered    time.Duration // when it was answered a snapshot there; 0: not yet
	since       time.Duration // when its socket was opened
	condemned   *socket       // one whose device was signed out: it must end

	heard map[string][]string // what it was told without asking; guarded by the world
	read  map[string][]string // likewise, of statuses
}

func key(id, place string) string { return id + "/" + place }

// open starts a session of a device, or without one a watcher of all, unless there is one.
func (w *world) open(id, device, host string) *session {
	s := &session{id: id, deviceName: device, place: device, watches: w.ids}
	if device != "" {
		s.watches = w.few(id)
	}
	return w.enter(s, host)
}

// few are whom somebody watches with a device: few, so that what they subscribe to doesn't hide
// that a stranger isn't told.
func (w *world) few(id string) []string {
	i := slices.Index(w.ids, id)
	return []string{w.ids[(i+1)%len(w.ids)], w.ids[(i+3)%len(w.ids)]}
}

func (w *world) enter(s *session, host string) *session {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil || w.sessions[key(s.id, s.place)] != nil {
		return nil
	}
	ctx, stop := context.WithCancel(w.ctx)
	s.w, s.host, s.stop, s.activity, s.heard = w, w.net.Host(host), stop, "online", make(map[string][]string)
	s.read = make(map[string][]string)
	w.sessions[key(s.id, s.place)] = s
	w.running.Go(func() { s.keep(ctx) })
	return s
}

// get is the session at a place, or nil.
func (w *world) get(id, place string) *session {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sessions[key(id, place)]
}

// awake is the session at a place if its machine isn't asleep, or nil.
func (w *world) awake(id, place string) *session {
	s := w.get(id, place)
	w.mu.Lock()
	defer w.mu.Unlock()
	if s == nil || s.asleep {
		return nil
	}
	return s
}

// keep connects, and connects again.
func (s *session) keep(ctx context.Context) {
	for ctx.Err() == nil {
		s.thawed(ctx.Done())
		s.w.mu.Lock()
		s.address = s.w.choose(s)
		wait := time.Duration(300+s.w.rand.IntN(2000)) * time.Millisecond
		s.w.mu.Unlock()
		switch {
		case s.address == "":
		case s.stream:
			s.listen(ctx)
		default:
			s.connect(ctx)
		}
		sleep(ctx, wait)
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	delete(s.w.sessions, key(s.id, s.place))
}

// choose is where a session connects next. w.mu is held.
func (w *world) choose(s *session) string {
	if s.home != nil && s.home.node != nil && !w.shunned(s.home) {
		return s.home.address
	}
	all := w.up()
	if ready := slices.DeleteFunc(slices.Clone(all),
		func(i int) bool { return w.shunned(w.nodes[i]) }); len(ready) > 0 {
		all = ready
	}
	return w.anyOf(all, s.address)
}

// connect says hello, watches everybody, and beats until the socket ends.
func (s *session) connect(ctx context.Context) {
	w := s.w
	dialing, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	so, err := dial(dialing, s.host, s.address, s.event)
	if err != nil {
		return
	}
	defer so.leave()
	s.mu.Lock()
	activity := s.activity
	s.shown, s.says = nil, make(map[string]string)
	s.mu.Unlock()
	err = s.sign(activity, func() error {
		_, err := so.ask(dialing, frame{Type: "hello", Token: s.id, DeviceID: s.deviceName, Activity: s.only(activity)})
		return err
	})
	if err != nil {
		s.givenUp()
		return
	}
	s.opened(so)
	defer func() {
		so.leave()
		s.closed(so)
	}()
	asked := w.now()
	snapshot, err := so.ask(dialing, frame{Type: "subscribe", IDs: s.watches, With: w.with()})
	if err != nil {
		return
	}
	s.snapshot(snapshot, asked)
	s.beat(ctx, so)
}

// only is an activity, if there is a device to have it.
func (s *session) only(activity string) string {
	if s.deviceName == "" {
		return ""
	}
	return activity
}

// sign tells the model of a call that is a sign of life.
func (s *session) sign(activity string, call func() error) error {
	w := s.w
	if s.deviceName == "" {
		return call()
	}
	w.mu.Lock()
	d := w.model.device(s.id, s.deviceName)
	w.mu.Unlock()
	return w.signOf(d, activity, call)
}

// signOf is sign of any device.
func (w *world) signOf(d *device, activity string, call func() error) error {
	end := w.beginSign(d, activity)
	err := call()
	end(err)
	return err
}

// beginSign tells the model that a call begins, and gives what tells it how that ended.
func (w *world) beginSign(d *device, activity string) (end func(error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sg := &sign{start: w.now()}
	d.signs = append(d.signs, sg)
	o := d.activity.begin(w.now(), stateOf(activity))
	w.counts.calls++
	return func(err error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		sg.end, sg.failed = w.now(), err != nil
		if err != nil {
			w.counts.failed++
			d.activity.fail(w.now(), o)
			return
		}
		sg.firm = sg.end-sg.start < quickly && !w.model.vague(sg.start, sg.end)
		d.activity.done(w.now(), o, sg.firm, w.blur())
	}
}

// givenUp: a hello that wasn't answered may have been heard, and then its device lingers.
func (s *session) givenUp() {
	if s.deviceName == "" {
		return
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	d := s.w.model.device(s.id, s.deviceName)
	d.drop(s.w.now())
}

func (s *session) opened(so *socket) {
	s.mu.Lock()
	s.socket = so
	s.mu.Unlock()
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.tell("%s is connected to %s", key(s.id, s.place), s.address)
	s.node, s.answered, s.since = s.w.nodeAt(s.address), 0, s.w.now()
	if s.deviceName != "" {
		s.w.model.device(s.id, s.deviceName).open[s] = true
	}
}

// closed tells the model how a socket ended: one that the client closes makes its device linger.
func (s *session) closed(so *socket) {
	s.mu.Lock()
	s.socket = nil
	s.mu.Unlock()
	byServer := !so.left()
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.node, s.answered = nil, 0
	s.w.tell("%s has lost its socket; by the server: %v, %d", key(s.id, s.place), byServer, so.closeCode())
	if s.deviceName == "" {
		return
	}
	d := s.w.model.device(s.id, s.deviceName)
	delete(d.open, s)
	d.closed = s.w.now()
	switch {
	case s.asleep: // nobody hears of it yet
	case !byServer:
		d.drop(s.w.now())
	case so.closeCode() == replaced:
		s.stop()
		if s.w.model.troubled(s.w.now(), s.w.now()) { // it is told late, and what it said meanwhile didn't count
			d.doubt(s.w.now() - troubleLag)
		}
	case so.closeCode() == signedOut: // it was found out by a heartbeat, which was answered before that
		d.leaving = append(d.leaving, &op[bool]{start: d.lastStart(s.w.now()), end: s.w.now()})
	}
}

// beat sends heartbeats until the socket ends.
func (s *session) beat(ctx context.Context, so *socket) {
	t := time.NewTicker(heartbeatEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-so.ended:
			return
		case <-t.C:
		}
		if s.deviceName == "" {
			if s.ping(so) != nil {
				return
			}
			continue
		}
		s.mu.Lock()
		activity := s.activity
		s.mu.Unlock()
		if err := s.flip(activity); err != nil && err != errFrozen {
			return
		}
	}
}

// ping finds out whether there is still somebody.
func (s *session) ping(so *socket) error {
	ctx, cancel := context.WithTimeout(s.w.ctx, pingTimeout)
	defer cancel()
	return so.ws.Ping(ctx)
}

// flip sends a heartbeat with an activity.
func (s *session) flip(activity string) error {
	if s.isFrozen() {
		return errFrozen
	}
	s.mu.Lock()
	s.activity = activity
	so := s.socket
	s.mu.Unlock()
	if so == nil {
		return errEnded
	}
	return s.sign(activity, func() error {
		ctx, cancel := context.WithTimeout(s.w.ctx, pingTimeout)
		defer cancel()
		_, err := so.ask(ctx, frame{Type: "heartbeat", Activity: activity})
		return err
	})
}

// drop closes the connection without a word, for good.
func (s *session) drop() { s.stop() }

// sleep closes the lid of the client's machine for a while.
func (s *session) sleep(d time.Duration) {
	if !s.setAsleep(true) {
		return
	}
	s.host.Freeze()
	sleep(s.w.ctx, d)
	s.setAsleep(false)
	s.host.Thaw()
}

// setAsleep tells the model that no sign of life can come from a device, or that it can again. It
// returns false if that is so already.
func (s *session) setAsleep(asleep bool) bool {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.asleep == asleep || s.deviceName == "" {
		return false
	}
	s.asleep = asleep
	if asleep {
		s.slept = s.w.now()
	} else {
		s.woke = s.w.now()
	}
	s.mu.Lock()
	connected := s.socket != nil
	s.mu.Unlock()
	d := s.w.model.device(s.id, s.deviceName)
	switch {
	case connected && asleep:
		delete(d.open, s)
		d.closed = s.w.now()
	case connected:
		d.open[s] = true
	case !asleep:
		d.drop(s.w.now()) // what it closed meanwhile is heard of now
	}
	return true
}

// crash ends the client's machine: nobody is told.
func (s *session) crash() {
	if s.setAsleep(true) {
		s.host.Vanish()
		s.stop()
	}
}

// goodbye signs the device out.
func (s *session) goodbye() {
	s.mu.Lock()
	so := s.socket
	s.mu.Unlock()
	if so != nil && s.deviceName != "" && !s.isFrozen() {
		s.w.leave(s.id, s.deviceName, func(ctx context.Context) error {
			_, err := so.ask(ctx, frame{Type: "goodbye"})
			return err
		})
	}
	s.stop()
}

// leave tells the model of a call that signs a device out.
func (w *world) leave(id, name string, call func(ctx context.Context) error) {
	w.mu.Lock()
	o := &op[bool]{start: w.now()}
	d := w.model.device(id, name)
	d.leaving = append(d.leaving, o)
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	err := call(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	o.end, o.failed = w.now(), err != nil || w.now()-o.start >= quickly || len(d.open) > 1
	if !o.failed {
		w.condemn(d, o.start)
	}
}

// condemn notes the sockets that a device had when it was signed out. w.mu is held.
func (w *world) condemn(d *device, at time.Duration) {
	for s := range d.open {
		s.mu.Lock()
		if s.since < at-time.Second { // later ones may have been stamped after that, by another clock
			s.condemned = s.socket
		}
		s.mu.Unlock()
	}
}

// snapshot judges what a subscription is answered.
func (s *session) snapshot(f frame, asked time.Duration) {
	w := s.w
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.answers += len(f.States)
	for _, id := range s.watches {
		state, ok := f.States[id]
		if !ok {
			w.broken("%s is missing in a snapshot", id)
			continue
		}
		w.check("a snapshot of", s.address, s.id, id, state, s.lag(asked), w.now())
	}
	s.answered = w.now()
	s.remembers(f.Statuses, asked)
	s.mu.Lock()
	defer s.mu.Unlock()
	later := s.shown
	s.shown = f.States
	for id, state := range later { // they came while the snapshot was looked at
		s.shown[id] = state
	}
}

// lag is from when on may be what somebody hears now, who was asked for it at a time. w.mu is held.
func (s *session) lag(at time.Duration) time.Duration {
	from := at - s.w.lag
	if s.w.model.troubled(at-troubleLag, s.w.now()) {
		from = at - troubleLag
	}
	if s.woke > 0 && s.w.now() < s.woke+s.w.lag { // what waited for it comes now
		from = min(from, s.slept-troubleLag)
	}
	return from
}

// event judges what it is told without asking.
func (s *session) event(f frame) {
	w := s.w
	switch f.Type {
	case "presence":
		w.mu.Lock()
		defer w.mu.Unlock()
		for id, state := range f.States {
			w.counts.events++
			if state == "unknown" {
				w.broken("an event tells %s that %s is unknown", s.id, id)
			}
			w.check("an event of", s.address, s.id, id, state, s.lag(w.now()), w.now())
			s.show(id, state)
			s.heard[id] = append(s.heard[id], state)
		}
		s.hears(f.Statuses)
	case "self":
		w.mu.Lock()
		defer w.mu.Unlock()
		if s.id != "" && w.model.people[s.id] != nil && f.State != "unknown" {
			w.check("self at", s.address, s.id, s.id, f.State, s.lag(w.now()), w.now())
		}
	case "reconnect":
		w.running.Go(func() { s.goElsewhere(time.Duration(f.AfterMS) * time.Millisecond) })
	case "error":
		w.mu.Lock()
		defer w.mu.Unlock()
		w.tell("%s/%s is told %s: %s", s.id, s.deviceName, f.Code, f.Message)
	}
}

// goElsewhere closes the socket after a while. A page that doesn't run does so when it runs again.
func (s *session) goElsewhere(after time.Duration) {
	s.mu.Lock()
	told := s.socket // nil: it was told with welcome
	s.mu.Unlock()
	sleep(s.w.ctx, after)
	s.thawed(s.w.ctx.Done())
	s.mu.Lock()
	so := s.socket
	s.mu.Unlock()
	if so != nil && (so == told || told == nil) {
		so.leave()
	}
}

// show notes what is shown. w.mu is held.
func (s *session) show(id, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown == nil {
		s.shown = make(map[string]string)
	}
	if s.shown[id] == state {
		s.w.broken("an event of %s tells %s that %s is %s, which it was told before", s.address, s.id, id, state)
	}
	s.shown[id] = state
}
