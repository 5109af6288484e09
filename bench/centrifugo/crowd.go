package centrifugo

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// crowd is many sockets of one side, which stay until they are closed.
type crowd interface {
	check() error // returns why some of them are gone
	close()
}

// atOnce is how many sockets connect at a time, on both sides.
const atOnce = 64

// clients are a crowd of Centrifugo.
type clients struct {
	all     []*client
	lost    atomic.Pointer[error]
	reading sync.WaitGroup
}

// connect connects n clients, each to the channel that channel gives. What is published is given to
// heard.
func (s *server) connect(ctx context.Context, n int, channel func(i int) string, heard func(n int)) (*clients, error) {
	c := &clients{all: make([]*client, n)}
	g, joining := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range n {
		g.Go(func() (err error) {
			if c.all[i], err = join(joining, s.addr, channel(i)); err != nil {
				return err
			}
			c.reading.Go(func() {
				err := c.all[i].read(heard)
				c.lost.CompareAndSwap(nil, &err)
			})
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		c.close()
		return nil, fmt.Errorf("%d clients: %w", n, err)
	}
	return c, nil
}

func (c *clients) check() error {
	if lost := c.lost.Load(); lost != nil {
		return *lost
	}
	return nil
}

func (c *clients) close() {
	for _, one := range c.all {
		if one != nil {
			one.line.Close()
		}
	}
	c.reading.Wait()
}

// visitors are a crowd of Presence, each with a device.
type visitors struct {
	all     []*load.Visitor
	end     context.CancelFunc
	staying sync.WaitGroup
}

// visit connects n participants, whose ids id gives.
func visit(ctx context.Context, c *target.Cluster, n int, id func(i int) string) (*visitors, error) {
	v := &visitors{all: make([]*load.Visitor, n)}
	staying, end := context.WithCancel(ctx)
	v.end = end
	records := load.NewRecorder()
	g, arriving := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range n {
		g.Go(func() error {
			there := make(chan struct{}, 1)
			v.all[i] = &load.Visitor{
				Cluster: c, Records: records, Token: id(i), Device: contest.Device,
				Arrived: func() { there <- struct{}{} }, // again only after check has failed
			}
			v.staying.Go(func() { v.all[i].Stay(staying, time.Now()) })
			return await(arriving, there)
		})
	}
	if err := g.Wait(); err != nil {
		v.close()
		return nil, fmt.Errorf("%d participants: %w", n, err)
	}
	return v, nil
}

// await waits until one has arrived.
func await(ctx context.Context, there <-chan struct{}) error {
	select {
	case <-there:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(joinPatience):
		return fmt.Errorf("not connected after %v", joinPatience)
	}
}

func (v *visitors) check() error {
	if n := load.Away(v.all); n > 0 {
		return fmt.Errorf("%d of %d participants have lost their connection", n, len(v.all))
	}
	return nil
}

func (v *visitors) close() {
	v.end()
	v.staying.Wait()
}
