package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/docs"
	"github.com/scaiwave/presence/gateway"
	"github.com/scaiwave/presence/gateway/demo"
)

// How long leaving may take. Together they stay below the 30 s after which Kubernetes kills;
// Docker's default is 10 s, so a node with few sockets must be done sooner, and is: Drain returns
// when the last socket has gone.
const (
	drainTimeout    = 15 * time.Second // for sockets and streams to go elsewhere
	shutdownTimeout = 5 * time.Second  // for requests that are being answered
)

// runNode puts a node together and runs it until ctx ends.
//
//	clients ──▶ public listener ─▶ Admit ─▶ [certificate] ─▶ gateway.Server ─▶ cluster.Node ─▶ shard
//	operators ─▶ admin listener ─▶ AdmitAdmin ─▶ /metrics ─────┘    ▲               │
//	                                                                └─ Deliver, Evict
//
// All listeners are bound before anything starts, so that a taken port is found while there is
// nothing to undo. Operators are answered while the node looks for others, clients after that. What
// runs in the background, and what ends it:
//
//	cluster.Node: ticker, gossip, links  node.Drain, beside the drain; node.Close, the last of all
//	public http.Server                   its Shutdown, after the drain
//	admin http.Server                    its Close, after that: it says "draining" to the end
//	keyWatch.watch, refresh of a JWKS    ctx
//	giveBack                             ctx
//	leave                                waits for ctx, then ends the others in that order
func runNode(ctx context.Context, c *serveCommand, log *slog.Logger, t terminal) error {
	c.keys = newKeyWatch(log)
	public, admin, err := c.listeners(ctx)
	if err != nil {
		return err
	}
	defer closeAll(public, admin)
	group, ctx := errgroup.WithContext(ctx) // one server that fails ends the rest
	node, server, err := c.assemble(ctx, log)
	if err != nil {
		return err
	}
	c.memory.apply(log, c.RequestMemory)
	c.warnOfHaste(log)
	node.Start()
	defer closeNode(node, log)
	publicServer, adminServer := server.HTTPServer(), server.AdminHTTPServer()
	group.Go(func() error { return serve(adminServer, server.AdmitAdmin(admin)) })
	group.Go(func() error { c.keys.watch(ctx); return nil })
	if err := c.join(ctx, node); err != nil {
		return err
	}
	if public != nil {
		greet(t, c, public.Addr(), admin.Addr(), log)
		admitted := c.keys.public.wrap(server.Admit(public, c.keys.public != nil))
		group.Go(func() error { return serve(publicServer, admitted) })
	} else {
		log.Info("listening for operators and other nodes", "node", c.NodeID, "admin", admin.Addr(), "role", c.Role)
	}
	group.Go(func() error { giveBack(ctx); return nil })
	group.Go(func() error {
		<-ctx.Done()
		c.leave(log, node, server, publicServer, adminServer)
		return nil
	})
	return group.Wait()
}

func closeNode(node *cluster.Node, log *slog.Logger) {
	if err := node.Close(); err != nil {
		log.Warn("gossip failed to close", "error", err)
	}
}

// assemble makes the layers, lowest first. Nothing is started but what authenticator says.
func (c *serveCommand) assemble(ctx context.Context, log *slog.Logger) (*cluster.Node, *gateway.Server, error) {
	peers, err := c.peers(ctx, log)
	if err != nil {
		return nil, nil, err
	}
	c.alone = peers == nil
	settings := c.settings()
	if settings.ViewerKey, err = c.viewerKey(); err != nil {
		return nil, nil, err
	}
	node, err := cluster.New(cluster.Config{
		NodeID: c.NodeID, Settings: settings, Version: thisBuild().version, Peers: peers, Logger: log,
	})
	if err != nil {
		return nil, nil, err
	}
	authenticator, err := c.authenticator(ctx, log)
	if err != nil {
		return nil, nil, err
	}
	registry := prometheus.NewRegistry()
	process := collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})
	registry.MustRegister(collectors.NewGoCollector(), process, c.keys, thisBuild().metric())
	config := gateway.Config{
		Cluster: node, Ready: node.Ready, Remark: node.Remark, Auth: authenticator, Limits: c.limits(),
		Insecure: c.insecure(), BeyondLoopback: c.AllowInsecure, AllowedOrigins: c.AllowedOrigins,
		PathPrefix: c.PathPrefix, MetricsTenants: c.MetricsTenants,
		OpenAPI: docs.OpenAPI, Pprof: c.AdminPprof, AdminLoopback: c.adminLoopback, Logger: log, Registry: registry,
	}
	if config.AdminToken, err = c.operators(); err != nil {
		return nil, nil, err
	}
	if config.Authorize, err = c.authorizer(log); err != nil {
		return nil, nil, err
	}
	if *c.Demo {
		config.Demo = demo.Handler()
	}
	server, err := gateway.New(config)
	if err != nil {
		return nil, nil, err
	}
	node.SetSink(server)
	node.SetGateway(server)
	return node, server, nil
}

// join makes the node one of several.
func (c *serveCommand) join(ctx context.Context, node *cluster.Node) error {
	if c.alone {
		return nil
	}
	return node.Join(ctx)
}

// leave drains and shuts down. Its time is bounded, so it takes no context: the one that ended says
// nothing about it.
func (c *serveCommand) leave(
	log *slog.Logger, node *cluster.Node, server *gateway.Server, public, admin *http.Server,
) {
	log.Info("leaving", "hint", "a second signal exits at once")
	c.withdraw(log, server)
	start := time.Now()
	draining, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() { server.Drain(draining) })
	both.Go(func() {
		if err := node.Drain(draining); err != nil {
			log.Warn("drain incomplete", "error", err)
		}
	})
	both.Wait()
	stopping, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := public.Shutdown(stopping); err != nil {
		log.Warn("requests were cut off", "error", err)
		_ = public.Close()
	}
	server.Close()
	_ = admin.Close()
	log.Info("left", "after", time.Since(start).Round(time.Millisecond))
}
