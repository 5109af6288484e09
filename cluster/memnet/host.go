package memnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// Freeze stops the process until Thaw. Nothing gets in or out, and what it sends or dials waits.
func (h *Host) Freeze() { h.become(frozen) }

// Thaw ends Freeze. What waited goes on its way.
func (h *Host) Thaw() { h.become(up) }

// Kill ends the process. Its streams are reset, its listeners closed.
func (h *Host) Kill() { h.become(killed) }

// Vanish ends the machine. The other ends of its streams are not told.
func (h *Host) Vanish() { h.become(vanished) }

func (h *Host) become(s state) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	if h.state == killed || h.state == vanished {
		return
	}
	h.state = s
	if s == killed || s == vanished {
		for port, l := range h.listeners {
			delete(h.listeners, port)
			l.shut()
		}
		for _, p := range h.conns {
			p.end(h, s)
		}
		h.conns = nil
	}
	h.net.change()
}

// Listen takes streams at a port.
func (h *Host) Listen(port int) (net.Listener, error) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	if h.listeners[port] != nil {
		return nil, fmt.Errorf("memnet: %s:%d: %w", h.address, port, syscall.EADDRINUSE)
	}
	l := &listener{host: h, port: port, accept: make(chan net.Conn, 128), closed: make(chan struct{})}
	h.listeners[port] = l
	return l, nil
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Addr() net.Addr { return address(l.host.address, l.port) }

func (l *listener) Close() error {
	l.host.net.mu.Lock()
	defer l.host.net.mu.Unlock()
	if l.host.listeners[l.port] == l {
		delete(l.host.listeners, l.port)
		l.shut()
	}
	return nil
}

// shut ends a listener that was just removed from its host, which happens once.
func (l *listener) shut() { close(l.closed) }

func address(ip string, port int) *net.TCPAddr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: port} }

// connectTimeout is how long a host tries to make a stream.
const connectTimeout = 10 * time.Second

// Dial makes a stream to an address, host:port. While the way there or back is shut it waits, for
// up to 10 s or until ctx ends.
func (h *Host) Dial(ctx context.Context, _, to string) (net.Conn, error) {
	ip, text, err := net.SplitHostPort(to)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	for {
		there, changed := h.net.way(h, ip, port)
		if there != nil {
			return h.connect(ctx, there, port)
		}
		select {
		case <-ctx.Done():
			return nil, &net.OpError{Op: "dial", Net: "memory", Err: os.ErrDeadlineExceeded}
		case <-changed:
		}
	}
}

// way is the host at an address, if it can be reached at a port and can answer, or else nil and
// what to wait for.

func (n *Network) way(from *Host, to string, port int) (*Host, <-chan struct{}) {
	there := n.host(to)
	if there == nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		return nil, n.changed
	}
	ok, changed := n.open(from, there, parts{port: port})
	if !ok {
		return nil, changed
	}
	if ok, changed = n.open(there, from, parts{port: port, answers: true}); !ok {
		return nil, changed
	}
	return there, changed
}

func (h *Host) connect(ctx context.Context, there *Host, port int) (net.Conn, error) {
	if err := pause(ctx, h.net.delay()); err != nil {
		return nil, err
	}
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	l := there.listeners[port]
	if l == nil || h.state != up {
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: syscall.ECONNREFUSED}
	}
	out, back := newPipe(h, there, parts{port: port}), newPipe(there, h, parts{port: port, answers: true})
	h.conns, there.conns = append(h.conns, out, back), append(there.conns, out, back)
	local, remote := address(h.address, 1), address(there.address, port)
	select {
	case l.accept <- &conn{in: out, out: back, local: remote, remote: local}:
		return &conn{in: back, out: out, local: local, remote: remote}, nil
	default:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: errors.New("too many wait to be accepted")}
	}
}
