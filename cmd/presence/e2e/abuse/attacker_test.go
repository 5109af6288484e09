package abuse

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// attacker makes connections to a node, from some addresses.
type attacker struct {
	n     *node
	to    string // where its connections go
	from  []string
	conns int
	again time.Duration // how long somebody waits who was thrown out; 0: [again]

	opened, answers atomic.Int64
}

// again is how long somebody waits who was thrown out.
const again = 2 * time.Second

// strangers are at so many addresses.
func strangers(n *node, conns, addresses int) *attacker {
	a := &attacker{n: n, to: n.addr, conns: conns}
	for i := range addresses {
		a.from = append(a.from, fmt.Sprintf("127.0.0.%d", 2+i))
	}
	return a
}

// hold keeps all connections open until ctx ends: on each it sends what do sends, and then drip
// every second while it reads what comes.
func (a *attacker) hold(ctx context.Context, do func(net.Conn) error, drip string) {
	a.each(ctx, func(ctx context.Context, c net.Conn) {
		if do(c) != nil {
			return
		}
		if drip != "" {
			go drop(ctx, c, drip)
		}
		_, _ = io.Copy(io.Discard, c)
	})
}

// drop sends drip every second.
func drop(ctx context.Context, c net.Conn, drip string) {
	for tick := time.Tick(time.Second); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			if _, err := io.WriteString(c, drip); err != nil {
				return
			}
		}
	}
}

// each opens the connections within a second, and again when they end, until ctx ends.
func (a *attacker) each(ctx context.Context, do func(context.Context, net.Conn)) {
	var running sync.WaitGroup
	defer running.Wait()
	for i := range a.conns {
		running.Go(func() {
			for wait := time.Duration(i) * time.Second / time.Duration(a.conns); pause(ctx,
				wait); wait = cmp.Or(a.again, again) {
				a.visit(ctx, a.from[i%len(a.from)], do)
			}
		})
	}
}

func (a *attacker) visit(ctx context.Context, from string, do func(context.Context, net.Conn)) {
	c, err := dial(from, a.to)
	if err != nil {
		return
	}
	a.opened.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer func() { stop(); cancel(); _ = c.Close() }()
	do(ctx, c)
}

// pause reports whether it may go on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// rate is how many answers came a second.
func (a *attacker) rate(lasts time.Duration) float64 {
	return float64(a.answers.Load()) / lasts.Seconds()
}

// paced sends requests at a rate over all connections, and waits for each answer on its own.
func (a *attacker) paced(ctx context.Context, rate int, request func(i int) string) {
	every := time.Duration(a.conns) * time.Second / time.Duration(rate)
	a.each(ctx, func(ctx context.Context, c net.Conn) {
		in := bufio.NewReaderSize(c, 4<<10)
		for i, due := 0, time.Now(); pause(ctx, time.Until(due)); i, due = i+1, due.Add(every) {
			if _, err := io.WriteString(c, request(i)); err != nil {
				return
			}
			if a.answer(in) != nil {
				return
			}
		}
	})
}

func (a *attacker) answer(in *bufio.Reader) error {
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	a.answers.Add(1)
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// spam sends chunk at a rate on each connection, after start, and reads what comes unless it is
// deaf.
func (a *attacker) spam(ctx context.Context, start func(net.Conn) error, chunk []byte, rate int, deaf bool) {
	a.each(ctx, func(ctx context.Context, c net.Conn) {
		if start != nil && start(c) != nil {
			return
		}
		if !deaf {
			go io.Copy(io.Discard, c)
		}
		for due := time.Now(); pause(ctx, time.Until(due)); due = due.Add(time.Second / time.Duration(rate)) {
			if _, err := c.Write(chunk); err != nil {
				return
			}
		}
	})
}
