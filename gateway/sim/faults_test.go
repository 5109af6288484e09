package sim

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// drainTimeout is what a node that leaves gets; see runNode in cmd/presence.
const drainTimeout = 15 * time.Second

// unnoticed are the faults of which nobody may notice anything.
var unnoticed = []string{"drain", "visit", "astray", "disk", "unheard"}

// fault does something to a node, if it is up, and mends it.
func (w *world) fault(s step) {
	w.mu.Lock()
	p := w.nodes[s.node]
	n := p.node
	if n == nil || len(w.up()) < 2 {
		w.mu.Unlock()
		return
	}
	f := &fault{what: s.do + " of " + p.id, start: w.now(), planned: slices.Contains(unnoticed, s.do)}
	w.model.faults = append(w.model.faults, f)
	w.counts.faults[s.do]++
	w.mu.Unlock()
	switch s.do {
	case "visit":
		w.visit(s)
	case "astray":
		w.goAstray(s)
	case "unlink", "deaf", "stuck", "late", "disk":
		w.halfBreak(s, f)
	case "unheard":
		for i, other := range w.nodes {
			if i != s.node {
				w.net.CutPackets(other.address, p.address)
			}
		}
		sleep(w.ctx, s.lasts)
		w.net.Heal()
	case "slow":
		w.net.SetQuality(poor)
		sleep(w.ctx, s.lasts)
		w.net.SetQuality(usual)
	case "kill", "vanish":
		w.kill(s, p, n)
	case "ruin":
		w.ruin(s, f)
	case "drain":
		w.drain(s, p, n)
	case "pause":
		w.mu.Lock()
		f.paused = s.lasts
		w.mu.Unlock()
		n.clock.stop()
		n.host.Freeze()
		sleep(w.ctx, s.lasts)
		n.host.Thaw()
		n.clock.resume()
	case "cut":
		w.mu.Lock()
		f.split = true
		w.mu.Unlock()
		w.cut(s.node, s.way)
		sleep(w.ctx, s.lasts)
		w.net.Heal()
	default:
		panic("no such fault: " + s.do)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f.end = w.now()
	w.tell("%s is over", f)
}

// kill ends a node without a word, and starts it again.
func (w *world) kill(s step, p *place, n *node) {
	if s.do == "kill" {
		n.host.Kill()
	} else {
		n.host.Vanish()
	}
	w.mu.Lock()
	p.node = nil
	w.mu.Unlock()
	n.end()
	w.again(s, p)
}

// ruin kills a node and the next one: what both hold is lost. No script may have anybody pick
// anything before that.
func (w *world) ruin(s step, f *fault) {
	next := s
	next.do, next.node = "kill", (s.node+1)%len(w.nodes)
	s.do = "kill"
	w.mu.Lock()
	f.double = true
	p, q := w.nodes[s.node], w.nodes[next.node]
	n, m := p.node, q.node
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { w.kill(s, p, n) })
	both.Go(func() { w.kill(next, q, m) })
	both.Wait()
}

// again starts a node after a while, at the same address or another.
func (w *world) again(s step, p *place) {
	sleep(w.ctx, s.lasts)
	w.mu.Lock()
	if s.way == 1 {
		p.moves++
		p.address = fmt.Sprintf("10.0.%d.%d", p.moves, s.node+1)
	}
	w.mu.Unlock()
	if w.ctx.Err() == nil {
		w.boot(s.node)
	}
}

// drain has a node leave in good order, and starts it again.
func (w *world) drain(s step, p *place, n *node) {
	w.depart(p, n)
	w.again(s, p)
}

// depart has a node leave in good order.
func (w *world) depart(p *place, n *node) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	w.mu.Lock()
	p.node = nil // clients don't go there any more
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.gateway.Drain(ctx)
	}()
	err := n.cluster.Drain(ctx)
	<-done
	w.mu.Lock()
	if err != nil {
		w.broken("%s leaves incompletely: %v", p.id, err)
	}
	w.tell("%s has left", p.id)
	w.mu.Unlock()
	stopping, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = n.public.Shutdown(stopping)
	n.end()
	n.host.Kill()
}

// poor is the network on a bad day.
var poor = memnet.Quality{Latency: 20 * time.Millisecond, Jitter: 100 * time.Millisecond, Drop: 0.2, Repeat: 0.1}

// visit has a new node join for a while. Then it leaves, or, way 1, dies: for the others that is a
// fault.
func (w *world) visit(s step) {
	w.mu.Lock()
	i := len(w.nodes)
	p := &place{
		id: fmt.Sprintf("v%d", i), address: fmt.Sprintf("10.0.200.%d", i), clock: clock{start: w.start},
		visitor: true,
	}
	w.nodes = append(w.nodes, p)
	w.mu.Unlock()
	w.boot(i)
	sleep(w.ctx, s.lasts)
	w.mu.Lock()
	n := p.node
	w.mu.Unlock()
	switch {
	case n == nil || w.ctx.Err() != nil:
	case s.way == 1:
		w.mu.Lock()
		dies := &fault{what: "death of " + p.id, start: w.now()}
		w.model.faults = append(w.model.faults, dies)
		p.node = nil
		w.mu.Unlock()
		n.host.Kill()
		n.end()
		sleep(w.ctx, settling) // or the next fault would take the backup with it
		w.mu.Lock()
		dies.end = w.now()
		w.mu.Unlock()
	default:
		w.depart(p, n)
	}
}

// cut separates a node from the others: 0: altogether; 1: they don't hear it; 2: it doesn't hear
// them; 3: from the next one only; 4: the next one doesn't hear it.
func (w *world) cut(node, way int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.nodes {
		if i == node || way >= 3 && i != (node+1)%len(w.nodes) {
			continue
		}
		if way != 2 {
			w.net.Cut(w.nodes[node].address, other.address)
		}
		if way != 1 && way != 4 {
			w.net.Cut(other.address, w.nodes[node].address)
		}
	}
}
