package gossip

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"
)

func opened(t *testing.T) (p *ports, counts *Counts) {
	t.Helper()
	counts = &Counts{}
	p, err := openPorts("127.0.0.1", 0, counts, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Shutdown() })
	return p, counts
}

func dialed(t *testing.T, network string, p *ports) net.Conn {
	t.Helper()
	c, err := net.Dial(network, p.tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestLargePacketsAreDropped: memberlist sends none of that size, and keeps up to 2,048.
func TestLargePacketsAreDropped(t *testing.T) {
	p, counts := opened(t)
	c := dialed(t, "udp", p)
	for _, size := range []int{maxPacket + 1, 60_000, maxPacket} {
		if _, err := c.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	got := <-p.PacketCh()
	if len(got.Buf) != maxPacket || cap(got.Buf) > 2*maxPacket || counts.Large.Load() != 2 {
		t.Errorf("%d bytes of %d come first, and %d were dropped", len(got.Buf), cap(got.Buf), counts.Large.Load())
	}
}

// TestStreamsAreBounded: one stream too many closes the first, and no stream is read beyond the
// limit.
func TestStreamsAreBounded(t *testing.T) {
	p, counts := opened(t)
	first := dialed(t, "tcp", p)
	ours := <-p.StreamCh()
	for range Streams.Conns {
		dialed(t, "tcp", p)
		<-p.StreamCh()
	}
	_ = first.SetReadDeadline(time.Now().Add(2 * time.Minute))
	if _, err := first.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the oldest stream: %v", err)
	}
	if _, err := ours.Read(make([]byte, 1)); err == nil {
		t.Error("it is open here")
	}
	last := dialed(t, "tcp", p)
	ours = <-p.StreamCh()
	go func() { _, _ = last.Write(make([]byte, Streams.Bytes+1<<20)) }()
	if n, err := io.Copy(io.Discard, ours); n > Streams.Bytes || err == nil {
		t.Errorf("%d bytes are read, %v", n, err)
	}
	open, closed := counts.Streams.Open.Load(), counts.Streams.Closed.Load()
	if open > int64(Streams.Conns) || closed != 3 {
		t.Errorf("%d are open, %d were closed", open, closed)
	}
}

// TestPortsCarryMembers: two nodes see each other over ports that take 100,000 packets of strangers
// meanwhile, in a test 2,000.
func TestPortsCarryMembers(t *testing.T) {
	a := start(t, config("a"))
	c, err := net.Dial("udp", a.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2000 {
		_, _ = c.Write(bytes.Repeat([]byte{200}, 100))
	}
	b := met(t, start(t, config("b", a.Address())))
	await(t, a, "a~1 joining", "b~1 joining")
	await(t, b, "a~1 joining", "b~1 joining")
}
