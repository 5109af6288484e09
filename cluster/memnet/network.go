package memnet

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// Quality is how good all ways are.
type Quality struct {
	Latency, Jitter time.Duration // one way, of everything: Latency, and up to Jitter more
	Drop, Repeat    float64       // the shares of packets that are lost, and that come twice
}

// Network connects hosts. All methods are safe for concurrent use.
type Network struct {
	sent atomic.Int64 // see Sent

	mu      sync.Mutex
	rand    *rand.Rand
	quality Quality
	hosts   map[string]*Host // by address
	cuts    map[way]struct{}
	slow    map[way]time.Duration // how much later bytes come
	changed chan struct{}         // closed, and made again, when a way may have opened or a host has gone
}

// Host is a machine with one process on it.
type Host struct {
	// static
	net     *Network
	address string

	// guarded by net.mu
	state     state
	listeners map[int]*listener
	packets   map[int]*Transport
	conns     []*pipe
}

type state uint8

const (
	up state = iota
	frozen
	killed   // its streams are reset
	vanished // its streams are silent
)

type listener struct {
	// static
	host   *Host
	port   int
	accept chan net.Conn
	closed chan struct{}
}

// Transport is a memberlist.Transport: packets and streams at one port.
type Transport struct {
	// static
	host     *Host
	port     int
	packets  chan *memberlist.Packet
	streams  chan net.Conn
	listener net.Listener
	stop     chan struct{}
	running  sync.WaitGroup
	once     sync.Once
}

// pipe is one direction of a stream.
type pipe struct {
	// static
	from, to *Host

	mu      sync.Mutex
	waiting []segment
	bytes   int
	parts   parts
	latest  time.Time // when the last segment comes
	broken  error     // what the reader gets
	refused error     // what the writer gets
	wake    chan struct{}
}

// segment is bytes on their way. Without bytes it is the end of the stream.
type segment struct {
	at    time.Time // when they come
	bytes []byte
}

// way is what a fault concerns: all that goes from one address to another, or a part of it.
type way struct {
	from, to string
	parts
}

// parts says which streams, or that packets. The zero value is everything.
type parts struct {
	port    int    // streams that were made to this port
	answers bool   // of these, the direction from the port; else the one to it
	mark    string // streams with this mark
	packets bool   // packets alone
}

// New makes a network without hosts. What is random comes from seed.
func New(seed uint64, q Quality) *Network {
	return &Network{
		rand: rand.New(rand.NewPCG(seed, 1)), quality: q, hosts: make(map[string]*Host),
		cuts: make(map[way]struct{}), slow: make(map[way]time.Duration), changed: make(chan struct{}),
	}
}

// Sent is how many messages all hosts have sent so far: packets, and writes to streams.
func (n *Network) Sent() int64 { return n.sent.Load() }

// Host puts a host at an address such as "10.0.0.1". One that was there before must have been
// killed, or have vanished.
func (n *Network) Host(address string) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := &Host{net: n, address: address, listeners: make(map[int]*listener), packets: make(map[int]*Transport)}
	n.hosts[address] = h
	return h
}

// SetQuality sets the quality of everything that is sent from now on.
func (n *Network) SetQuality(q Quality) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.quality = q
}

// change wakes all who wait for a way. n.mu is held.
func (n *Network) change() {
	close(n.changed)
	n.changed = make(chan struct{})
}

// delay is how long something is on its way.
func (n *Network) delay() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.delayLocked()
}

func (n *Network) delayLocked() time.Duration {
	d := n.quality.Latency
	if n.quality.Jitter > 0 {
		d += time.Duration(n.rand.Int64N(int64(n.quality.Jitter)))
	}
	return d
}

// fates are the delays of the copies of a packet that arrive: none, one or two.
func (n *Network) fates() (delays []time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.rand.Float64() < n.quality.Drop {
		return nil
	}
	delays = append(delays, n.delayLocked())
	if n.rand.Float64() < n.quality.Repeat {
		delays = append(delays, n.delayLocked())
	}
	return delays
}

func (n *Network) host(address string) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hosts[address]
}

// Address is where the host is.
func (h *Host) Address() string { return h.address }

// running waits until the host is not frozen. Its process does nothing meanwhile, and so doesn't
// find out that nobody answers.
func (h *Host) running(ctx context.Context) error {
	for {
		runs, changed := h.runs()
		if runs {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// runs reports whether the host is not frozen, and returns what to wait for if it is.
func (h *Host) runs() (bool, <-chan struct{}) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	return h.state != frozen, h.net.changed
}

// gone reports whether the host was killed, or has vanished.
func (h *Host) gone() bool {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	return h.state == killed || h.state == vanished
}
