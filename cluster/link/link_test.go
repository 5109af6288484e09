package link

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// side is a node in a test: it answers calls with what came, and notes pushes.
type side struct {
	call   func(ctx context.Context, r Request)
	push   func(c *Conn, method byte, payload []byte)
	opened chan *Conn
	closed chan *Conn
}

func newSide() *side {
	return &side{
		call:   func(_ context.Context, r Request) { r.Reply(r.Payload) },
		push:   func(*Conn, byte, []byte) {},
		opened: make(chan *Conn, 100),
		closed: make(chan *Conn, 100),
	}
}

func (s *side) Opened(c *Conn)                            { s.opened <- c }
func (s *side) Closed(c *Conn)                            { s.closed <- c }
func (s *side) Call(ctx context.Context, r Request)       { s.call(ctx, r) }
func (s *side) Lane(method byte, _ []byte) Lane           { return Lane(method % byte(lanes)) }
func (s *side) Push(c *Conn, method byte, payload []byte) { s.push(c, method, payload) }

func local(name string, h Handler) *Local {
	return &Local{
		Name: Name{name, "1"}, Cluster: "test", Terms: protocol.Terms{Range: protocol.Spoken, Words: "p=1"},
		Handler: h, Stats: &Stats{}, Pulses: NewPulses(),
		Logger: slog.New(slog.DiscardHandler),
	}
}

// pair is a node b that listens, and a that dials it.
func pair(t testing.TB, a, b *Local) *Peer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(b, l)
	p := Dial(a, b.Name, l.Addr().String())
	t.Cleanup(func() {
		p.Close()
		s.Close()
	})
	return p
}

func open(t testing.TB, s *side) {
	for range classes {
		select {
		case <-s.opened:
		case <-time.After(2 * time.Minute):
			t.Fatal("no connection")
		}
	}
}

func echo(ctx context.Context, p *Peer, class Class, text string) (string, error) {
	var got string
	err := p.Call(ctx, class, 7, []byte(text), func(b []byte) error { got = string(b); return nil })
	return got, err
}

func TestCall(t *testing.T) {
	a, b := newSide(), newSide()
	p := pair(t, local("a", a), local("b", b))
	open(t, a)
	for c := range classes {
		if got, err := echo(t.Context(), p, c, "hello "+c.String()); err != nil || got != "hello "+c.String() {
			t.Errorf("%v: %q, %v", c, got, err)
		}
	}
	if !p.Healthy() {
		t.Error("not healthy")
	}
	b.call = func(_ context.Context, r Request) { r.Fail(errors.New("not today")) }
	if _, err := echo(t.Context(), p, Hot, "x"); !errors.Is(err, ErrRemote) ||
		!strings.Contains(err.Error(), "not today") {
		t.Errorf("a call that failed: %v", err)
	}
	if err := p.Call(t.Context(), Hot, 7, make([]byte, maxFrame[Hot]+1), nil); !errors.Is(err, ErrLarge) {
		t.Errorf("a call too large: %v", err)
	}
}

// TestRepliesKeepTheirPlace: what a peer pushed after an answer is handled after the answer.
func TestRepliesKeepTheirPlace(t *testing.T) {
	a, b := newSide(), newSide()
	var order []byte
	pushed := make(chan struct{})
	a.push = func(_ *Conn, method byte, _ []byte) {
		if order = append(order, method); method == 3 {
			close(pushed)
		}
	}
	b.call = func(_ context.Context, r Request) {
		_ = r.Conn.Push(1, nil)
		r.Reply(nil)
		_ = r.Conn.Push(3, nil)
	}
	p := pair(t, local("a", a), local("b", b))
	open(t, a)
	second := func([]byte) error { order = append(order, 2); return nil }
	if err := p.Call(t.Context(), Events, 0, nil, second); err != nil {
		t.Fatal(err)
	}
	<-pushed
	if !bytes.Equal(order, []byte{1, 2, 3}) {
		t.Errorf("order %v", order)
	}
}

func TestDialedAgain(t *testing.T) {
	a, b := newSide(), newSide()
	p := pair(t, local("a", a), local("b", b))
	open(t, a)
	open(t, b)
	b.call = func(ctx context.Context, r Request) { r.Conn.Close(); <-ctx.Done() }
	if _, err := echo(t.Context(), p, Hot, "x"); !errors.Is(err, ErrClosed) {
		t.Fatalf("a call over a connection that broke: %v", err)
	}
	if c := <-a.closed; c.Class() != Hot {
		t.Errorf("%v closed", c.Class())
	}
	if c := <-a.opened; c.Class() != Hot {
		t.Errorf("%v opened", c.Class())
	}
}

func TestCallEndsWithItsContext(t *testing.T) {
	a, b := newSide(), newSide()
	release := make(chan struct{})
	b.call = func(ctx context.Context, r Request) { <-release; r.Reply(nil) }
	p := pair(t, local("a", a), local("b", b))
	open(t, a)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := p.Call(ctx, Hot, 0, nil, func([]byte) error { t.Error("taken after the end"); return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	close(release)
	if _, err := echo(t.Context(), p, Bulk, "still there"); err != nil {
		t.Error(err)
	}
}

type logged struct{ lines chan string }

func (l *logged) Write(b []byte) (int, error) {
	select {
	case l.lines <- string(b):
	default:
	}
	return len(b), nil
}

// TestSilence: a peer whose network drops everything is unhealthy soon, and healthy again when it
// comes back.
func TestSilence(t *testing.T) {
	a, b := newSide(), newSide()
	dialer := local("a", a)
	cut := &cutter{resume: make(chan struct{})}
	dialer.Dial = cut.dial
	p := pair(t, dialer, local("b", b))
	open(t, a)
	cut.on.Store(true)
	deadline := time.Now().Add(2 * time.Minute)
	for p.Healthy() {
		if time.Now().After(deadline) {
			t.Fatal("still healthy, long after the network was cut")
		}
		time.Sleep(10 * time.Millisecond)
	}
	cut.on.Store(false)
	close(cut.resume)
	for !p.Healthy() {
		if time.Now().After(deadline) {
			t.Fatal("not healthy again")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := echo(t.Context(), p, Hot, "back"); err != nil {
		t.Error(err)
	}
}

// cutter makes connections whose reads stop while on is set.
type cutter struct {
	on     atomic.Bool
	resume chan struct{}
}

func (c *cutter) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	return &cutConn{conn, c}, err
}

type cutConn struct {
	net.Conn
	cutter *cutter
}

func (c *cutConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.cutter.on.Load() {
		<-c.cutter.resume
	}
	return n, err
}

func TestOutboxIsBounded(t *testing.T) {
	o := newOutbox(100)
	if err := o.put(kindPush, 1, 0, nil, make([]byte, 80)); err != nil {
		t.Fatal(err)
	}
	if err := o.pack(2, make([]byte, 11)); !errors.Is(err, ErrFull) {
		t.Errorf("over the limit: %v", err)
	}
	o.take(nil)
	if err := o.pack(2, make([]byte, 11)); err != nil {
		t.Errorf("after it was emptied: %v", err)
	}
	o.close()
	if err := o.pack(2, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestPackedItemsShareAFrame(t *testing.T) {
	o := newOutbox(1 << 20)
	for i := range 3 {
		if err := o.pack(5, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	_ = o.put(kindCall, 6, 9, []byte("ca"), []byte("ll"))
	_ = o.pack(5, []byte{3})
	var got []frame
	for b, _ := o.take(nil); len(b) > 0; {
		f, rest, err := cutFrame(b)
		if err != nil {
			t.Fatal(err)
		}
		got, b = append(got, f), rest
	}
	if len(got) != 3 || string(got[0].payload) != "\x00\x01\x02" || string(got[2].payload) != "\x03" ||
		got[1].id != 9 || string(got[1].payload) != "call" {
		t.Errorf("%+v", got)
	}
}

func FuzzCutFrame(f *testing.F) {
	f.Add(appendHeader(nil, kindCall, 1, 2, 0))
	f.Add(append(appendHeader(nil, kindPush, 1, 0, 3), "abc"...))
	f.Add([]byte{9, 0, 0, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) > 0 {
			f, rest, err := cutFrame(b)
			if err != nil {
				return
			}
			again := append(appendHeader(nil, f.kind, f.method, f.id, len(f.payload)), f.payload...)
			if !bytes.Equal(again, b[:len(b)-len(rest)]) {
				t.Fatalf("%x read, %x written", b[:len(b)-len(rest)], again)
			}
			b = rest
		}
	})
}

// BenchmarkPack is the link alone at saturation: items of a heartbeat's size, counted where they
// arrive.
func BenchmarkPack(b *testing.B) {
	x, y := newSide(), newSide()
	var arrived atomic.Int64
	done := make(chan struct{})
	y.push = func(_ *Conn, _ byte, payload []byte) {
		if arrived.Add(int64(len(payload)/14)) == int64(b.N) {
			close(done)
		}
	}
	p := pair(b, local("a", x), local("b", y))
	open(b, x)
	b.ResetTimer()
	var item [14]byte
	for i := range b.N {
		binary.BigEndian.PutUint32(item[:], uint32(i))
		for {
			err := p.Conn(Hot).Pack(1, item[:])
			if err == nil {
				break
			}
			if !errors.Is(err, ErrFull) {
				b.Fatal(err)
			}
			runtime.Gosched()
		}
	}
	<-done
}

var _ io.Writer = (*logged)(nil)

// TestClocksAreCompared: each end knows how far the other's clock is ahead.
func TestClocksAreCompared(t *testing.T) {
	a, b := newSide(), newSide()
	pair(t, local("a", a), local("b", b))
	for _, s := range []*side{a, b} {
		if c := <-s.opened; c.Ahead() == 0 || c.Ahead().Abs() > 5*time.Second {
			t.Errorf("ahead by %v", c.Ahead())
		}
	}
	h := http.Header{}
	h.Set(headerClock, strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
	if got := local("a", a).aheadOf(h); got < 59*time.Second || got > time.Minute {
		t.Errorf("a minute ahead: %v", got)
	}
}

// TestShortLivedIsNotDialedInHaste: a peer that closes each connection at once is not dialed at
// once.
func TestShortLivedIsNotDialedInHaste(t *testing.T) {
	a, b := newSide(), newSide()
	la := local("a", a)
	b.opened = make(chan *Conn, 10_000)
	a.opened, a.closed, b.closed = make(chan *Conn, 10_000), make(chan *Conn, 10_000), make(chan *Conn, 10_000)
	pair(t, la, local("b", b))
	deadline := time.After(time.Second)
	for n := 0; ; n++ {
		select {
		case c := <-b.opened:
			c.Close()
		case <-deadline:
			if n > 30 {
				t.Errorf("%d connections in a second", n)
			}
			return
		}
	}
}

func TestTooLargeCloses(t *testing.T) {
	a, b := newSide(), newSide()
	pair(t, local("a", a), local("b", b))
	c := <-a.opened
	if err := c.Push(1, make([]byte, maxFrame[c.class]+1)); !errors.Is(err, ErrLarge) {
		t.Error(err)
	}
	select {
	case closed := <-a.closed:
		if closed != c {
			t.Error("another connection was closed")
		}
	case <-time.After(2 * time.Minute):
		t.Error("it stays open")
	}
}
