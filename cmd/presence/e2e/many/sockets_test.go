package many

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// backoff is how long a client that has lost its connection waits at most. It is spread evenly
// below. With what comes before it, an interval and the 2 s for an answer, it leaves a client with
// short timings the rest of its deadline to be back.
var backoff = min(3*time.Second, interval/4)

const (
	againWithin  = 500 * time.Millisecond // after a refusal: the next node is another one
	helloWithin  = 5 * time.Second
	answerWithin = 2 * time.Second // a client that isn't answered goes elsewhere
)

// visitor is a socket at the nodes that where picks.
func (c *crowd) visitor(token string, where func() *node) *load.Visitor {
	return &load.Visitor{
		Cluster: &target.Cluster{}, Records: c.records, Token: token,
		Backoff: backoff, Again: againWithin, Patience: helloWithin,
		Where: func() *target.Node { return &target.Node{URL: "http://" + where().addr} },
	}
}

// person is one of the crowd who has a socket.
type person struct {
	*load.Visitor
	c     *crowd
	life  *life
	at    atomic.Pointer[node] // of the last attempt
	begun time.Time            // that attempt
	taken chan struct{}        // one slot: a sign of life was
}

func (c *crowd) newPerson(id string) *person {
	p := &person{c: c, life: c.lives[id], taken: make(chan struct{}, 1)}
	p.Visitor = c.visitor(id, p.where)
	p.Device = "tab"
	p.Arrived = func() { p.sign(p.begun) }
	p.Answered = p.answered
	c.people, c.visitors = append(c.people, p), append(c.visitors, p.Visitor)
	return p
}

func (p *person) where() *node {
	nd := p.c.healthy()
	p.at.Store(nd)
	p.begun = time.Now()
	return nd
}

// sign is a sign of life that was sent then, and is acknowledged.
func (p *person) sign(sent time.Time) {
	acked := time.Now()
	p.c.beatTook(acked.Sub(sent))
	p.life.sign(p.at.Load(), sent, acked)
	select {
	case p.taken <- struct{}{}:
	default:
	}
}

func (p *person) answered(sent time.Time, err error) {
	if err != nil { // nobody takes it at the moment
		p.Drop()
		return
	}
	p.sign(sent)
}

// come connects, and stays until ctx ends.
func (p *person) come(ctx context.Context) {
	p.c.running.Go(func() { p.Stay(ctx, time.Now()) })
	p.c.running.Go(func() {
		for sleepUntil(ctx, time.Now().Add(p.c.interval*9/10+rand.N(p.c.interval/10))) {
			p.beat(ctx)
		}
	})
}

func (p *person) beat(ctx context.Context) {
	if !p.Connected() {
		return
	}
	select { // of the last one
	case <-p.taken:
	default:
	}
	p.Beat(time.Now(), "online")
	select {
	case <-p.taken:
	case <-time.After(answerWithin):
		p.Drop()
	case <-ctx.Done():
	}
}

// watch watches a piece of the crowd. Nobody is offline, so every event that says so is false.
func (c *crowd) watch(ctx context.Context, i int) {
	n := min(50, len(c.ids))
	at := i * 37 % (len(c.ids) - n + 1)
	v := c.visitor(fmt.Sprintf("watcher-%d", i), c.healthy)
	v.Backoff = 200 * time.Millisecond
	v.More, v.Shown = load.Subscribe(c.ids[at:at+n]), c.seen
	c.visitors = append(c.visitors, v)
	c.running.Go(func() { v.Stay(ctx, time.Now()) })
}

// connected is how many sockets there are now.
func (c *crowd) connected() int { return len(c.visitors) - load.Away(c.visitors) }

// peopleAt is how many of the crowd's people have a socket at a node.
func (c *crowd) peopleAt(nd *node) (n int) {
	for _, p := range c.people {
		if p.Connected() && p.at.Load() == nd {
			n++
		}
	}
	return n
}
