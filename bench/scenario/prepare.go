package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// clustered is a scenario that needs servers.
type clustered interface {
	where() Options
	nodes() int        // how many to start when the flags don't say
	timings() []string // flags for local nodes
}

// where, nodes and timings are for the scenarios, which embed Options.
func (o Options) where() Options { return o }

func (o Options) nodes() int { return 1 }

func (o Options) timings() []string { return []string{"--heartbeat-interval=" + o.Interval.String()} }

// prepare finds or starts the servers. done ends what it has started.
func (r *Run) prepare(ctx context.Context, c clustered) (done func(), err error) {
	o := r.options
	if r.sign, err = signer(o.KeyFile, o.Token); err != nil {
		return nil, err
	}
	if len(o.Server) == 0 {
		return r.startLocal(ctx, c)
	}
	if r.Cluster, err = target.Running(o.Server, o.Token, o.CAFile); err != nil {
		return nil, err
	}
	r.API = load.NewAPI(r.Cluster)
	if err := errors.Join(r.watch(o.PID), r.check(ctx, connects(c))); err != nil {
		r.API.Close()
		return nil, err
	}
	return r.API.Close, nil
}

// watch watches the processes of a running cluster.
func (r *Run) watch(pids []int) error {
	for _, pid := range pids {
		if _, err := target.UsageOf(pid); err != nil {
			return fmt.Errorf("--pid=%d: %w", pid, err)
		}
		r.Meter.Watch(fmt.Sprintf("pid %d", pid), result.Server, pid)
	}
	if len(pids) == 0 {
		r.note("what the servers used is not known: --pid says which processes to watch")
	}
	return nil
}

// check asks a running cluster whether it would take the load. If not, its error names the flag to
// look at.
func (r *Run) check(ctx context.Context, connects bool) error {
	err, flag := r.API.Check(ctx), "--token, which needs the scope presence:service"
	if err == nil && connects {
		err, flag = load.CheckSocket(ctx, r.Cluster, r.sign(load.ID("participant", 0))),
			"--key-file: the secret of the servers' --jwt-key-file"
	}
	switch kind := load.Kind(err); {
	case err == nil:
		return nil
	case kind == load.Untrusted:
		flag = "--ca-file: the certificate that signed the server's, or that itself"
	case !slices.Contains([]string{"status 401", "status 403", load.NotWelcome}, kind):
		flag = "--server"
	}
	return fmt.Errorf("%w (see %s)", err, flag)
}

// connects reports whether a scenario has participants with sockets, who need tokens of their own.
func connects(c clustered) bool {
	switch s := c.(type) {
	case *Steady:
		return s.Sockets+s.Watchers > 0
	case *Query:
		return s.Sockets > 0
	case *Capacity:
		return s.Sockets > 0
	}
	return true
}

func (r *Run) startLocal(ctx context.Context, c clustered) (done func(), err error) {
	n := r.options.Local
	if n == 0 {
		n = c.nodes()
	}
	end := r.phase("local nodes start", true, 0)
	defer end()
	dir, binary, err := theBinary(ctx, r.options.Presence)
	if err != nil {
		return nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	plan := target.Plan{Nodes: n, Binary: binary, Cores: r.divide(), Flags: c.timings()}
	if r.options.Signed {
		err = r.issue(dir, &plan)
	}
	var kill func()
	if err == nil {
		kill, err = r.launch(ctx, plan, nameOf)
	}
	if err != nil {
		remove()
		return nil, err
	}
	return func() {
		kill()
		remove() // not before: a node that starts again needs its binary
	}, nil
}

// theBinary finds or builds the server, in a directory of its own, which the caller removes.
func theBinary(ctx context.Context, path string) (dir, binary string, err error) {
	if dir, err = os.MkdirTemp("", "presence-bench-"); err != nil {
		return "", "", err
	}
	if binary, err = target.Binary(ctx, path, dir); err != nil {
		_ = os.RemoveAll(dir)
	}
	return dir, binary, err
}

func nameOf(n *target.Node) string { return n.Name }

// launch starts a cluster, whose processes are watched by their names. kill ends it.
func (r *Run) launch(ctx context.Context, p target.Plan, name func(n *target.Node) string) (kill func(), err error) {
	if r.Cluster, err = target.StartLocal(ctx, p); err != nil {
		return nil, err
	}
	for _, node := range r.Cluster.Nodes {
		r.Meter.Watch(name(node), result.Server, node.PID())
	}
	r.API = load.NewAPI(r.Cluster)
	return func() {
		r.API.Close()
		_ = r.Cluster.Close()
	}, nil
}

// divide gives the servers their cores and this process the others.
func (r *Run) divide() (servers []int) {
	if len(r.options.Cores) > 0 {
		r.cores = float64(len(target.Cores()))
		return r.options.Cores
	}
	if !r.options.Pin {
		r.note("servers and generator share the cores (--no-pin)")
		return nil
	}
	servers, own := target.Share(target.Cores())
	if own == nil || target.PinSelf(own) != nil {
		r.note("servers and generator share the cores: there is one, or they can't be chosen here")
		return nil
	}
	r.cores = float64(len(own))
	return servers
}
