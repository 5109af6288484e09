package gossip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/unproven"
)

// Streams are the limits of streams that others open. Each is one exchange, of all members or of a
// probe. memberlist reads all of it before it decrypts. A member takes some 700 bytes at most,
// before they are compressed. memberlist itself would read 20 MB, of any number of streams.
var Streams = unproven.Limits{Conns: 64, Time: 4 * time.Second, Bytes: 512 << 10}

// maxPacket is how large a packet may be. memberlist sends 1,400 bytes, and a little for the label
// and the key. Up to 2,048 packets wait in its queues, and without a key those of strangers too.
const maxPacket = 4 << 10

// recvBuffer is how many bytes of packets the kernel is asked to keep.
const recvBuffer = 2 << 20

// Counts are the figures of the gossip port.
type Counts struct {
	Streams unproven.Counts
	Large   atomic.Int64 // packets dropped because they were over maxPacket
}

// ports is a memberlist.Transport: the network, bounded. memberlist's own spends 64 KB on each
// packet and 20 MB on a stream, of any sender.
type ports struct {
	// static
	tcp     net.Listener
	udp     *net.UDPConn
	counts  *Counts
	log     *slog.Logger
	packets chan *memberlist.Packet // not buffered: the kernel drops what memberlist doesn't keep up with
	conns   chan net.Conn
	stop    chan struct{}
	once    sync.Once
	running sync.WaitGroup
}

// openPorts listens at an IP address, empty for all, for TCP and UDP at one port; 0 is any.
func openPorts(ip string, port int, counts *Counts, log *slog.Logger) (*ports, error) {
	const tries = 10 // a port that is free for TCP may be in use for UDP
	var all error
	for range tries {
		p, err := openBoth(ip, port, counts, log)
		if err == nil {
			p.running.Go(p.accept)
			p.running.Go(p.receive)
			return p, nil
		}
		if all = err; port != 0 {
			break
		}
	}
	return nil, all
}

func openBoth(ip string, port int, counts *Counts, log *slog.Logger) (*ports, error) {
	tcp, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	at := tcp.Addr().(*net.TCPAddr)
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(ip), Port: at.Port})
	if err != nil {
		return nil, errors.Join(err, tcp.Close())
	}
	_ = udp.SetReadBuffer(recvBuffer) // less is no error
	return &ports{
		tcp: unproven.Listen(tcp, Streams, &counts.Streams, log), udp: udp, counts: counts, log: log,
		packets: make(chan *memberlist.Packet), conns: make(chan net.Conn), stop: make(chan struct{}),
	}, nil
}

func (p *ports) accept() {
	for {
		c, err := p.tcp.Accept()
		if err != nil {
			if p.failed(err) {
				return
			}
			continue
		}
		select {
		case p.conns <- c:
		case <-p.stop:
			_ = c.Close()
			return
		}
	}
}

func (p *ports) receive() {
	buffer := make([]byte, maxPacket+1)
	for {
		n, from, err := p.udp.ReadFromUDP(buffer)
		if err != nil {
			if p.failed(err) {
				return
			}
			continue
		}
		if n > maxPacket {
			p.counts.Large.Add(1)
		}
		if n == 0 || n > maxPacket {
			continue
		}
		packet := &memberlist.Packet{Buf: append([]byte(nil), buffer[:n]...), From: from, Timestamp: time.Now()}
		select {
		case p.packets <- packet:
		case <-p.stop:
			return
		}
	}
}

// failed reports whether an error of a listener is the end: Shutdown was called. After another
// error, such as no file descriptors left, it waits a moment.
func (p *ports) failed(err error) (ended bool) {
	select {
	case <-p.stop:
		return true
	default:
	}
	p.log.Warn("gossip port failed; retrying", "error", err)
	select {
	case <-p.stop:
		return true
	case <-time.After(100 * time.Millisecond):
		return false
	}
}

// FinalAdvertiseAddr is part of memberlist.Transport. It is the given address, or else that of the
// listener, with the listener's port.
func (p *ports) FinalAdvertiseAddr(ip string, _ int) (net.IP, int, error) {
	at := p.tcp.Addr().(*net.TCPAddr)
	advertised := at.IP
	if ip != "" {
		advertised = net.ParseIP(ip)
	}
	if four := advertised.To4(); four != nil {
		advertised = four
	}
	if advertised == nil {
		return nil, 0, fmt.Errorf("advertised address %q: must be an IP address", ip)
	}
	return advertised, at.Port, nil
}

// WriteTo is part of memberlist.Transport.
func (p *ports) WriteTo(b []byte, address string) (time.Time, error) {
	to, err := net.ResolveUDPAddr("udp", address)
	if err == nil {
		_, err = p.udp.WriteToUDP(b, to)
	}
	return time.Now(), err
}

// PacketCh is part of memberlist.Transport.
func (p *ports) PacketCh() <-chan *memberlist.Packet { return p.packets }

// StreamCh is part of memberlist.Transport.
func (p *ports) StreamCh() <-chan net.Conn { return p.conns }

// DialTimeout is part of memberlist.Transport.
func (p *ports) DialTimeout(address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

// Shutdown is part of memberlist.Transport.
func (p *ports) Shutdown() (err error) {
	p.once.Do(func() {
		close(p.stop)
		err = errors.Join(p.tcp.Close(), p.udp.Close())
		p.running.Wait()
	})
	return err
}
