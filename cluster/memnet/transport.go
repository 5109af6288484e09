package memnet

import (
	"context"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/memberlist"
)

// maxPackets is how many packets may wait to be read. As with a socket's buffer, more are lost.
const maxPackets = 1024

// Gossip receives packets and streams at a port.
func (h *Host) Gossip(port int) (*Transport, error) {
	l, err := h.Listen(port)
	if err != nil {
		return nil, err
	}
	t := &Transport{
		host: h, port: port, listener: l,
		packets: make(chan *memberlist.Packet, maxPackets), streams: make(chan net.Conn), stop: make(chan struct{}),
	}
	h.net.mu.Lock()
	h.packets[port] = t
	h.net.mu.Unlock()
	t.running.Go(t.accept)
	return t, nil
}

func (t *Transport) accept() {
	for {
		c, err := t.listener.Accept()
		if err != nil {
			return
		}
		select {
		case t.streams <- c:
		case <-t.stop:
			_ = c.Close()
			return
		}
	}
}

// FinalAdvertiseAddr is part of memberlist.Transport. It is the address of the host.
func (t *Transport) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return net.ParseIP(t.host.address), t.port, nil
}

// WriteTo is part of memberlist.Transport.
func (t *Transport) WriteTo(b []byte, addr string) (time.Time, error) {
	now := time.Now()
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return now, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return now, err
	}
	b = slices.Clone(b)
	t.host.net.sent.Add(1)
	_ = t.host.running(context.Background())
	for _, delay := range t.host.net.fates() {
		time.AfterFunc(delay, func() { t.deliver(b, host, port) })
	}
	return now, nil
}

// deliver hands a packet over, if the way is open when it arrives.
func (t *Transport) deliver(b []byte, address string, port int) {
	there := t.host.net.host(address)
	if there == nil {
		return
	}
	if ok, _ := t.host.net.open(t.host, there, parts{packets: true}); !ok {
		return
	}
	t.host.net.mu.Lock()
	to := there.packets[port]
	t.host.net.mu.Unlock()
	if to == nil {
		return
	}
	from := &net.UDPAddr{IP: net.ParseIP(t.host.address), Port: t.port}
	p := &memberlist.Packet{Buf: slices.Clone(b), From: from, Timestamp: time.Now()}
	select {
	case to.packets <- p:
	default:
	}
}

// PacketCh is part of memberlist.Transport.
func (t *Transport) PacketCh() <-chan *memberlist.Packet { return t.packets }

// StreamCh is part of memberlist.Transport.
func (t *Transport) StreamCh() <-chan net.Conn { return t.streams }

// DialTimeout is part of memberlist.Transport.
func (t *Transport) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	_ = t.host.running(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return t.host.Dial(ctx, "memory", addr)
}

// Shutdown is part of memberlist.Transport.
func (t *Transport) Shutdown() error {
	t.once.Do(func() {
		close(t.stop)
		_ = t.listener.Close()
		t.host.net.mu.Lock()
		delete(t.host.packets, t.port)
		t.host.net.mu.Unlock()
		t.running.Wait()
	})
	return nil
}
