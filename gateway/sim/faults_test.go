package sim

import (
	"context"
	"fmt"
	"time"
)

// drainTimeout is what a node that leaves gets; see runNode in cmd/presence.
const drainTimeout = 15 * time.Second

// fault does something to a node, if it is up, and mends it.
func (w *world) fault(s step) {
	w.mu.Lock()
	p := w.nodes[s.node]
	n := p.node
	if n == nil || len(w.up()) < 2 {
		w.mu.Unlock()
		return
	}
	f := &fault{what: s.do + " of " + p.id, start: w.now(), planned: s.do == "drain"}
	w.model.faults = append(w.model.faults, f)
	w.counts.faults++
	w.mu.Unlock()
	switch s.do {
	case "kill", "vanish":
		w.kill(s, p, n)
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
	w.again(s, p)
}

// cut separates a node from the others: 0: altogether; 1: they don't hear it; 2: it doesn't hear them; 3: from the next one only.
func (w *world) cut(node, way int) {
	for i, other := range w.nodes {
		if i == node || way == 3 && i != (node+1)%len(w.nodes) {
			continue
		}
		if way != 2 {
			w.net.Cut(w.nodes[node].address, other.address)
		}
		if way != 1 {
			w.net.Cut(other.address, w.nodes[node].address)
		}
	}
}
