package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/scaiwave/presence/gateway"
)

// proxySettings are for nodes behind a proxy or a balancer.
type proxySettings struct {
	PathPrefix string        `placeholder:"PATH" help:"What stands before the path of everything at --listen, such as /presence. Nothing by default."`
	DrainDelay time.Duration `default:"0s" placeholder:"TIME" help:"How long a node that was told to stop is not ready and still takes newcomers, before it sends its clients away; at most ${longest_delay}. Behind a balancer: what it needs to see that, some seconds."`
}

// longestDrainDelay is above what any supervisor waits for.
const longestDrainDelay = 10 * time.Minute

// check refuses what can't be, before anything is started.
func (p *proxySettings) check() error {
	if p.DrainDelay < 0 || p.DrainDelay > longestDrainDelay {
		return fmt.Errorf("--drain-delay is %v; it must be 0s to %v", p.DrainDelay, longestDrainDelay)
	}
	return gateway.CheckPathPrefix(p.PathPrefix)
}

// withdraw waits until balancers have seen that this node is not ready. Whom they send meanwhile is
// served.
func (p *proxySettings) withdraw(log *slog.Logger, server *gateway.Server) {
	if p.DrainDelay == 0 {
		return
	}
	log.Info("not ready any more; still accepting clients", "delay", p.DrainDelay)
	server.Withdraw()
	time.Sleep(p.DrainDelay)
}
