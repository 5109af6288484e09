package memnet

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Quality is how good all ways are.
type Quality struct {
	Latency, Jitter time.Duration // of everything, one way: Latency, and up to Jitter more
	Drop, Repeat    float64       // of packets: the share that is lost, and that comes twice
}

// Network connects hosts. All methods are safe for concurrent use.
type Network struct {
	mu      sync.Mutex
	rand    *rand.Rand
	quality Quality
	hosts   map[string]*Host // by address
	cuts    map[way]struct{}
	slow    map[way]time.Duration // how much later it comes
	changed chan struct{}         // closed, and made again, when a way may have opened, or a host has gone
}

// New makes a network without hosts. What is random comes from seed.
func New(seed uint64, q Quality) *Network {
	return &Network{
		rand: rand.New(rand.NewPCG(seed, 1)), quality: q, hosts: make(map[string]*Host),
		cuts: make(map[way]struct{}), slow: make(map[way]time.Duration), changed: make(chan struct{}),
	}
}

// Host puts a host at an address such as "10.0.0.1". One that was there before must have been
// killed, or have vanished.
func (n *Network) Host(address string) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := &Host{net: n, address: address, listeners: make(map[int]*listener), packets: make(map[int]*Transport)}
	n.hosts[address] = h
	return h
}

// SetQuality is for everything that is sent from now on.
func (n *Network) SetQuality(q Quality) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.quality = q
}

// Cut shuts the way from one address to another. The way back stays open. CutPort, CutAnswers,
// CutMark and CutPackets shut a part of it.
func (n *Network) Cut(from, to string) { n.shut(way{from: from, to: to}) }

// Heal opens all ways, and nothing is slow any more.
func (n *Network) Heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.cuts)
	clear(n.slow)
	n.change()
}

// change wakes all who wait for a way. n.mu is held.
func (n *Network) change() {
	close(n.changed)
	n.changed = make(chan struct{})
}

// open reports whether what is of some parts gets from one host to another now, and gives what to
// wait for if not.
func (n *Network) open(from, to *Host, p parts) (ok bool, changed <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.isCut(from, to, p) && from.state == up && to.state == up, n.changed
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

// fates are the delays of the copies of a packet that arrive.
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
