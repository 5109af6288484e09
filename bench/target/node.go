package target

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Node is one server. Those that this program started have a process; of others only the address is
// known.
type Node struct {
	Name   string
	URL    string // of the public listener, such as http://127.0.0.1:8080
	Admin  string // the same of the admin listener; empty: not known
	Gossip string // its address there, such as 127.0.0.1:7946; empty: not known

	args  []string
	addrs []string // at which it listens
	cores []int
	up    atomic.Bool // the process runs, and clients may come

	ending atomic.Bool            // by Kill or Stop
	fell   atomic.Pointer[string] // how the process ended by itself

	mu   sync.Mutex
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
	log  *tail
}

// patience is how long a node may take to begin or to leave.
const patience = 60 * time.Second

// Up says whether clients should come here, as the health check of a load balancer does.
func (n *Node) Up() bool { return n.up.Load() }

// PID is that of the process; 0: it isn't ours.
func (n *Node) PID() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return 0
	}
	return n.cmd.Process.Pid
}

func (n *Node) start() error {
	for _, addr := range n.addrs { // with a stranger there, it would be the stranger who says that the node is ready
		if err := free(addr); err != nil {
			return fmt.Errorf("target: %s has lost its address to another program: %w", n.Name, err)
		}
	}
	cmd, log := exec.Command(n.args[0], n.args[1:]...), &tail{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := StartOn(n.cores, cmd); err != nil {
		return fmt.Errorf("target: starting %s: %w", n.Name, err)
	}
	gone := make(chan struct{})
	n.mu.Lock()
	n.cmd, n.gone, n.log = cmd, gone, log
	n.mu.Unlock()
	n.ending.Store(false)
	go func() {
		_ = cmd.Wait()
		if !n.ending.Load() {
			how := fmt.Sprintf("%s ended by itself: %v", n.Name, cmd.ProcessState)
			if cmd.ProcessState.Exited() { // and not by a signal: it has said why
				how += "\n" + log.String()
			}
			n.fell.Store(&how)
		}
		n.up.Store(false)
		close(gone)
	}()
	return nil
}

// Start starts the process again after Kill or Stop, and waits until it is ready.
func (n *Node) Start(ctx context.Context) error {
	if err := n.start(); err != nil {
		return err
	}
	return n.awaitReady(ctx)
}

// Kill ends the process with SIGKILL, as a crash does: clients find out by themselves.
func (n *Node) Kill() {
	n.ending.Store(true)
	n.signal(syscall.SIGKILL)
	<-n.ended()
}

// Stop has the node drain with SIGTERM and waits until it has left. New clients are kept from it
// first, as a load balancer does in a deploy; who is connected stays until the node says otherwise.
func (n *Node) Stop() error {
	n.ending.Store(true)
	n.up.Store(false)
	n.signal(syscall.SIGTERM)
	select {
	case <-n.ended():
		return nil
	case <-time.After(patience):
		n.Kill()
		return fmt.Errorf("target: %s was still there %v after SIGTERM\n%s", n.Name, patience, n.log)
	}
}

// Fell says how the process ended, if it did so by itself; empty: it didn't.
func (n *Node) Fell() string {
	if how := n.fell.Load(); how != nil {
		return *how
	}
	return ""
}

func (n *Node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	_ = n.cmd.Process.Signal(s)
}

func (n *Node) ended() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.gone
}

func (n *Node) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := get(ctx, nil, n.Admin+"/readyz", "", nil)
		if err == nil {
			n.up.Store(true)
			return nil
		}
		select {
		case <-n.ended():
			return fmt.Errorf("target: %s (%s serve) ended before it was ready:\n%s", n.Name, n.args[0], n.log)
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("target: %s is not ready:\n%s", n.Name, n.log), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
