package memnet

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// arrives reports whether what is written at one end of a stream comes out at the other within a
// minute.
func arrives(t *testing.T, from, to net.Conn) bool {
	t.Helper()
	if _, err := from.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	_ = to.SetReadDeadline(time.Now().Add(time.Minute))
	n, err := to.Read(make([]byte, 10))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return n > 0
}

// reaches reports whether a host can make a stream to an address.
func reaches(t *testing.T, h *Host, address string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	c, err := h.Dial(ctx, "tcp", address)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// TestPartsAreCut: b listens at 80, where a has a stream, and at 81. a listens at 80. A fault
// concerns what it names alone, and ends.
func TestPartsAreCut(t *testing.T) {
	for _, tc := range []struct {
		what        string
		cut         func(n *Network, a, b string)
		there, back bool // in the stream
		ab, ba      bool // new streams from one to port 80 of the other
	}{
		{"a port", func(n *Network, a, b string) { n.CutPort(a, b, 80) }, false, true, false, true},
		{"a port's answers", func(n *Network, a, b string) { n.CutAnswers(b, a, 80) }, true, false, false, true},
		{"a mark", func(n *Network, a, b string) { n.CutMark(a, b, "hot") }, false, true, true, true},
		{"another port", func(n *Network, a, b string) { n.CutPort(a, b, 82) }, true, true, true, true},
		{"another mark", func(n *Network, a, b string) { n.CutMark(a, b, "bulk") }, true, true, true, true},
	} {
		t.Run(tc.what, func(t *testing.T) {
			inNet(t, slow, func(t *testing.T, n *Network, a, b *Host, atA, atB net.Conn) {
				for h, ports := range map[*Host][]int{a: {80}, b: {81}} {
					for _, port := range ports {
						l, err := h.Listen(port)
						if err != nil {
							t.Fatal(err)
						}
						defer l.Close()
					}
				}
				Mark(atA, "hot")
				tc.cut(n, a.Address(), b.Address())
				if there, back := arrives(t, atA, atB), arrives(t, atB, atA); there != tc.there || back != tc.back {
					t.Errorf("there %v, back %v", there, back)
				}
				if ab, ba := reaches(t, a, "10.0.0.2:80"), reaches(t, b, "10.0.0.1:80"); ab != tc.ab || ba != tc.ba {
					t.Errorf("new streams from a %v, from b %v", ab, ba)
				}
				if !reaches(t, a, "10.0.0.2:81") {
					t.Error("nothing gets to another port")
				}
				n.Heal()
				if !arrives(t, atA, atB) || !arrives(t, atB, atA) || !reaches(t, a, "10.0.0.2:80") {
					t.Error("it doesn't end")
				}
			})
		})
	}
}

func TestSlowMark(t *testing.T) {
	inNet(t, slow, func(t *testing.T, n *Network, a, b *Host, atA, atB net.Conn) {
		took := func(from, to net.Conn) time.Duration {
			start := time.Now()
			if !arrives(t, from, to) {
				t.Error("it is lost")
			}
			return time.Since(start)
		}
		n.SlowMark(a.Address(), b.Address(), "hot", 3*time.Second)
		if d := took(atA, atB); d > time.Second {
			t.Errorf("without the mark it takes %v", d)
		}
		Mark(atA, "hot")
		if d := took(atA, atB); d < 3*time.Second || d > 4*time.Second {
			t.Errorf("it takes %v", d)
		}
		if d := took(atB, atA); d > time.Second {
			t.Errorf("the way back takes %v", d)
		}
		n.Heal()
		if d := took(atA, atB); d > time.Second {
			t.Errorf("at the end it takes %v", d)
		}
	})
}
