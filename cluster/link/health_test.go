package link

import (
	"bytes"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestSigns: who is missed, and for how long.
func TestSigns(t *testing.T) {
	const at = time.Hour // long after the connection was made
	heard := func(s *signs, now time.Duration, lively bool) {
		s.heard.Store(int64(now))
		if lively {
			s.lively.Store(int64(now))
		}
	}
	for name, tc := range map[string]struct {
		happens func(s *signs)
		after   time.Duration // the question, after the hour
		want    time.Duration
	}{
		"an idle peer is not missed":  {func(*signs) {}, time.Minute, 0},
		"missed from the first frame": {func(s *signs) { s.use(at) }, Silence, Silence},
		"a frame more is no new beginning": {
			func(s *signs) { s.use(at); s.use(at + 300*time.Millisecond) }, Silence, Silence,
		},
		"heard since": {func(s *signs) { s.use(at); heard(s, at+100, true) }, Silence, Silence - 100},
		"missed until it is heard, however long ago the frame was": {
			func(s *signs) { s.use(at) }, time.Minute, time.Minute,
		},
		"the pulse of an idle peer is no answer": {
			func(s *signs) { s.use(at); heard(s, at+5*time.Second, false) }, time.Minute, time.Minute,
		},
		"idle again after an answer": {func(s *signs) { s.use(at); heard(s, at+100, true) }, 2 * calm, 0},
		"missed while a call waits": {
			func(s *signs) { s.use(at); s.waiting.Store(1); heard(s, at+100, true) }, time.Minute, time.Minute - 100,
		},
		"missed from when it is too silent": {func(s *signs) { s.doubt(at, true) }, time.Second, time.Second},
		"doubted no more":                   {func(s *signs) { s.doubt(at, true); s.doubt(at+1, false) }, time.Second, 0},
	} {
		var s signs
		if tc.happens(&s); s.missed(at+tc.after) != tc.want {
			t.Errorf("%s: missed for %v, want %v", name, s.missed(at+tc.after), tc.want)
		}
	}
	var fresh signs
	if got := fresh.missed(Silence); got != Silence {
		t.Errorf("a peer that says nothing on a new connection: missed for %v, want %v", got, Silence)
	}
}

// wires are the connections that one node makes to another one in virtual time.
type wires struct {
	accepted chan net.Conn
	shut     chan struct{}

	mu     sync.Mutex
	broken string // a class of which nothing comes any more, or "all"
	unsent bool   // nothing of it leaves, in place of that
	wrote  atomic.Int64
}

func (w *wires) Accept() (net.Conn, error) {
	select {
	case c := <-w.accepted:
		return c, nil
	case <-w.shut:
		return nil, net.ErrClosed
	}
}

func (w *wires) Close() error   { close(w.shut); return nil }
func (w *wires) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (w *wires) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	w.accepted <- far
	return &wire{Conn: near, of: w}, nil
}

func (w *wires) cut(class string, unsent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken, w.unsent = class, unsent
}

func (w *wires) isCut(class string, unsent bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.unsent == unsent && (w.broken == "all" || w.broken == class)
}

// wire loses what comes, or what leaves, while it is cut.
type wire struct {
	net.Conn
	of    *wires
	class string // owned by the writer until there is an answer
}

func (w *wire) Write(b []byte) (int, error) {
	if _, after, ok := bytes.Cut(b, []byte(headerClass+": ")); ok && w.class == "" {
		class, _, _ := bytes.Cut(after, []byte("\r\n"))
		w.class = string(class)
	}
	w.of.wrote.Add(1)
	if w.of.isCut(w.class, true) {
		return len(b), nil
	}
	return w.Conn.Write(b)
}

func (w *wire) Read(b []byte) (int, error) {
	for {
		n, err := w.Conn.Read(b)
		if err != nil || !w.of.isCut(w.class, false) {
			return n, err
		}
	}
}

// idlePair calls then with two nodes in virtual time whose links have been idle for a while.
func idlePair(t *testing.T, then func(t *testing.T, w *wires, p *Peer)) {
	synctest.Test(t, func(t *testing.T) {
		w := &wires{accepted: make(chan net.Conn), shut: make(chan struct{})}
		a, b := newSide(), newSide()
		dialer := local("a", a)
		dialer.Dial = w.dial
		s := Serve(local("b", b), w)
		p := Dial(dialer, Name{"b", "1"}, "127.0.0.1:1")
		open(t, a)
		time.Sleep(time.Minute)
		then(t, w, p)
		p.Close()
		s.Close()
	})
}

// TestAnIdlePeerSaysLittle: a node tells an idle peer something once a second, and not once for
// each connection. All of them are healthy, and stay so.
func TestAnIdlePeerSaysLittle(t *testing.T) {
	idlePair(t, func(t *testing.T, w *wires, p *Peer) {
		before := w.wrote.Load()
		for range 600 {
			time.Sleep(100 * time.Millisecond)
			for c := range classes {
				if conn := p.Conn(c); conn == nil || !conn.Healthy() || conn.inUse(conn.now()) {
					t.Fatalf("%v is not healthy, or in use", c)
				}
			}
		}
		if wrote := w.wrote.Load() - before; wrote < 59 || wrote > 61 {
			t.Errorf("%d messages in a minute, want one a second", wrote)
		}
	})
}

// until returns how long it takes until something is so.
func until(is func() bool) time.Duration {
	begun := time.Now()
	for !is() && time.Since(begun) < time.Minute {
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(begun)
}

// TestSilenceIsFound: how soon a connection of which nothing comes any more is unhealthy, and
// callers take another way.
func TestSilenceIsFound(t *testing.T) {
	for name, tc := range map[string]struct {
		broken string
		class  Class
		calls  bool
		most   time.Duration
	}{
		"a peer":                             {"all", Hot, false, peerLate + Silence + 2*Pulse + time.Second},
		"a peer that is called":              {"all", Hot, true, Silence + 20*time.Millisecond},
		"a hot connection":                   {"hot", Hot, false, connLate + Silence + 2*Pulse},
		"a hot connection that is used":      {"hot", Hot, true, Silence + 20*time.Millisecond},
		"a bulk connection":                  {"bulk", Bulk, false, connLate + slowSilence + 2*Pulse},
		"a bulk connection that is used":     {"bulk", Bulk, true, slowSilence + 20*time.Millisecond},
		"a connection for events that waits": {"events", Events, true, slowSilence + 20*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			idlePair(t, func(t *testing.T, w *wires, p *Peer) {
				conn := p.Conn(tc.class)
				w.cut(tc.broken, false)
				if tc.calls {
					go func() { _, _ = echo(t.Context(), p, tc.class, "x") }()
				}
				if took := until(func() bool { return !conn.Healthy() }); took > tc.most {
					t.Errorf("unhealthy after %v, want %v at most", took, tc.most)
				}
				time.Sleep(2 * Silence)
				if conn.Healthy() {
					t.Error("healthy again, though nothing comes")
				}
				w.cut("", false)
				well := func() bool { return p.Conn(tc.class) != nil && p.Conn(tc.class).Healthy() }
				if took := until(well); took > slowPulse+Pulse {
					t.Errorf("healthy %v after the cut was healed, want it within a pulse", took)
				}
			})
		})
	}
}

// TestOneBreakAsksOthers: where a connection of a class breaks, those with other peers that broke
// with it are found before their turn.
func TestOneBreakAsksOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, pulses := newSide(), NewPulses()
		var peers []*Peer
		var all []*wires
		for _, name := range []string{"b", "c"} {
			w := &wires{accepted: make(chan net.Conn), shut: make(chan struct{})}
			dialer := local("a", a)
			dialer.Dial, dialer.Pulses = w.dial, pulses
			s := Serve(local(name, newSide()), w)
			p := Dial(dialer, Name{name, "1"}, "127.0.0.1:1")
			open(t, a)
			defer s.Close()
			defer p.Close()
			peers, all = append(peers, p), append(all, w)
		}
		used, idle := peers[0].Conn(Bulk), peers[1].Conn(Bulk)
		until(func() bool { return idle.silence(idle.now()) > time.Second })
		until(func() bool { return idle.silence(idle.now()) < Pulse }) // it had its turn
		for _, w := range all {
			w.cut("bulk", false)
		}
		go func() { _, _ = echo(t.Context(), peers[0], Bulk, "x") }()
		first := until(func() bool { return !used.Healthy() })
		if took := until(func() bool { return !idle.Healthy() }); took > first+2*Pulse {
			t.Errorf("the idle one is found after %v more, the used one after %v", took, first)
		}
		if hot := peers[1].Conn(Hot); hot.inUse(hot.now()) {
			t.Error("another class is asked, too")
		}
	})
}

// TestOneWay: what an end in use sends is lost, and the other end, which knows nothing of it, sends
// the pulses of an idle one. They are no answer.
func TestOneWay(t *testing.T) {
	idlePair(t, func(t *testing.T, w *wires, p *Peer) {
		conn := p.Conn(Hot)
		w.cut("hot", true)
		if err := conn.Push(1, []byte("lost")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(Silence + Pulse)
		for range 60 {
			if conn.Healthy() {
				t.Fatal("healthy, though nothing of it arrives")
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// TestPulsesOfAgreeingClocks: nodes whose clocks agree pulse at the same moments.
func TestPulsesOfAgreeingClocks(t *testing.T) {
	for at, want := range map[time.Duration]time.Duration{
		0: Pulse, 1: Pulse - 1, Pulse - 1: 1, time.Second + 3*Pulse/2: Pulse / 2,
	} {
		if got := untilTick(time.Unix(1_800_000_000, 0).Add(at)); got != want {
			t.Errorf("%v after a second: the next tick in %v, want %v", at, got, want)
		}
	}
}
