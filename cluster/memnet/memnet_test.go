package memnet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// inNet gives two hosts, and a stream from a to b, in virtual time.
func inNet(t *testing.T, q Quality, f func(t *testing.T, n *Network, a, b *Host, atA, atB net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1, q)
		a, b := n.Host("10.0.0.1"), n.Host("10.0.0.2")
		l, err := b.Listen(80)
		if err != nil {
			t.Fatal(err)
		}
		atA, err := a.Dial(t.Context(), "tcp", "10.0.0.2:80")
		if err != nil {
			t.Fatal(err)
		}
		atB, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		f(t, n, a, b, atA, atB)
		_, _, _ = atA.Close(), atB.Close(), l.Close()
	})
}

var slow = Quality{Latency: 10 * time.Millisecond, Jitter: 30 * time.Millisecond}

func TestStreamKeepsOrder(t *testing.T) {
	inNet(t, slow, func(t *testing.T, _ *Network, _, _ *Host, atA, atB net.Conn) {
		var want bytes.Buffer
		start := time.Now()
		for i := range 100 {
			line := bytes.Repeat([]byte{byte(i)}, 1000)
			want.Write(line)
			if _, err := atA.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		_ = atA.Close()
		got, err := io.ReadAll(atB)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%d bytes of %d, %v", len(got), want.Len(), err)
		}
		if took := time.Since(start); took < 10*time.Millisecond || took > 40*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

func TestCutIsOneWay(t *testing.T) {
	inNet(t, slow, func(t *testing.T, n *Network, a, b *Host, atA, atB net.Conn) {
		n.Cut(a.Address(), b.Address())
		_, _ = atA.Write([]byte("there"))
		_, _ = atB.Write([]byte("back"))
		buf := make([]byte, 10)
		if k, err := atA.Read(buf); err != nil || string(buf[:k]) != "back" {
			t.Errorf("the way that is open: %q, %v", buf[:k], err)
		}
		_ = atB.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := atB.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the way that is shut: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := b.Dial(ctx, "tcp", "10.0.0.1:80"); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a stream that can't be answered: %v", err)
		}
		_ = atB.SetReadDeadline(time.Time{})
		time.AfterFunc(time.Minute, n.Heal)
		if k, err := atB.Read(buf); err != nil || string(buf[:k]) != "there" {
			t.Errorf("healed: %q, %v", buf[:k], err)
		}
	})
}

func TestDeaths(t *testing.T) {
	buf := make([]byte, 10)
	inNet(t, slow, func(t *testing.T, n *Network, a, b *Host, atA, atB net.Conn) {
		b.Kill()
		if _, err := atA.Read(buf); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("killed: %v", err)
		}
		if _, err := atB.Write(buf); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a killed host writes: %v", err)
		}
		if _, err := n.Host("10.0.0.2").Listen(80); err != nil {
			t.Errorf("the next one: %v", err)
		}
		if _, err := a.Dial(t.Context(), "tcp", "10.0.0.2:81"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("where nobody listens: %v", err)
		}
	})
	inNet(t, slow, func(t *testing.T, _ *Network, _, b *Host, atA, atB net.Conn) {
		b.Vanish()
		_ = atA.SetDeadline(time.Now().Add(time.Hour))
		if _, err := atA.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("vanished: %v", err)
		}
		_ = atB.Close()
		_ = atA.SetDeadline(time.Now().Add(time.Hour))
		if _, err := atA.Write(buf); err != nil {
			t.Errorf("its process closes the stream, and the other side hears of it: %v", err)
		}
	})
	inNet(t, slow, func(t *testing.T, _ *Network, _, b *Host, atA, atB net.Conn) {
		b.Freeze()
		go func() { _, _ = atB.Write([]byte("late")) }()
		start := time.Now()
		time.AfterFunc(time.Minute, b.Thaw)
		if k, err := atA.Read(buf); err != nil || string(buf[:k]) != "late" || time.Since(start) < time.Minute {
			t.Errorf("thawed after %v: %q, %v", time.Since(start), buf[:k], err)
		}
	})
}

func TestWriterWaits(t *testing.T) {
	inNet(t, slow, func(t *testing.T, _ *Network, _, _ *Host, atA, atB net.Conn) {
		_ = atA.SetWriteDeadline(time.Now().Add(time.Second))
		k, err := atA.Write(make([]byte, window+1))
		if k != window || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d, %v", k, err)
		}
		_ = atA.SetWriteDeadline(time.Time{})
		go func() { _, _ = io.CopyN(io.Discard, atB, window) }()
		if k, err := atA.Write(make([]byte, 1000)); k != 1000 || err != nil {
			t.Errorf("%d, %v", k, err)
		}
	})
}

func TestPackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1, Quality{Latency: time.Millisecond, Drop: 0.3, Repeat: 0.1})
		a, err := n.Host("10.0.0.1").Gossip(7)
		if err != nil {
			t.Fatal(err)
		}
		b, err := n.Host("10.0.0.2").Gossip(7)
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if _, err := a.WriteTo([]byte("x"), "10.0.0.2:7"); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if got := len(b.PacketCh()); got < 700 || got > 850 {
			t.Errorf("%d of 1000 arrive, counting those that come twice", got)
		}
		n.Cut("10.0.0.1", "10.0.0.2")
		before := len(b.PacketCh())
		_, _ = a.WriteTo([]byte("x"), "10.0.0.2:7")
		time.Sleep(time.Second)
		if len(b.PacketCh()) != before {
			t.Error("one passed where the way is shut")
		}
		_, _ = a.Shutdown(), b.Shutdown()
	})
}
