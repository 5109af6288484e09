package cluster

import (
	"context"
	"errors"
	"net"
	"sync"
)

// fence is what a node dials through: it refuses addresses, and closes the connections to them.
type fence struct {
	mu    sync.Mutex
	shut  map[string]bool
	conns map[string][]net.Conn
}

func newFence() *fence {
	return &fence{shut: make(map[string]bool), conns: make(map[string][]net.Conn)}
}

func (f *fence) dial(ctx context.Context, network, address string) (net.Conn, error) {
	f.mu.Lock()
	shut := f.shut[address]
	f.mu.Unlock()
	if shut {
		return nil, errors.New("a fence")
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.conns[address] = append(f.conns[address], c)
	}
	return c, err
}

// close ends the connections to an address, and lets none be made.
func (f *fence) close(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shut[address] = true
	for _, c := range f.conns[address] {
		_ = c.Close()
	}
	f.conns[address] = nil
}

func (f *fence) open(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.shut, address)
}

// fenced is a band whose nodes dial through fences.
type fenced struct {
	*band
	fences []*fence
}

func newFenced(b *band, n int) *fenced {
	f := &fenced{band: b}
	for range n {
		f.add()
	}
	b.agree()
	return f
}

func (f *fenced) add() {
	f.t.Helper()
	fe := newFence()
	if _, err := f.tryAddWith(string(rune('a'+len(f.nodes))), func(p *Peers) { p.Dial = fe.dial }); err != nil {
		f.t.Fatal(err)
	}
	f.fences = append(f.fences, fe)
}

func (f *fenced) address(i int) string { return f.nodes[i].config.Listener.Addr().String() }

// cut ends the links between two nodes, or only those that the first one makes.
func (f *fenced) cut(i, j int, bothWays bool) {
	f.fences[i].close(f.address(j))
	if bothWays {
		f.fences[j].close(f.address(i))
	}
}

func (f *fenced) heal() {
	for i := range f.fences {
		for j := range f.nodes {
			f.fences[i].open(f.address(j))
		}
	}
}
