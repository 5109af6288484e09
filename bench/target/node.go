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

// Node is one server. One that this program started has a process. Of another one only the address
// is known.
type Node struct {
	Name   string
	URL    string // of the public listener, such as http://127.0.0.1:8080
	Admin  string // of the admin listener, such as http://127.0.0.1:8081; empty: not known
	Gossip string // the address of its gossip, such as 127.0.0.1:7946; empty: not known

	args  []string
	addrs []string // where it listens
	cores []int
	up    atomic.Bool // the process runs, and clients may come

	ending atomic.Bool            // Kill or Stop ends it
	fell   atomic.Pointer[string] // how the process ended by itself

	mu   sync.Mutex
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
	log  *tail
}

// patience is how long a node may take to start or to leave.
const patience = 60 * time.Second

// Up reports whether clients should come here, as the health check of a load balancer does.
func (n *Node) Up() bool { return n.up.Load() }

// PID returns the id of the process, or 0 when this program didn't start it.
func (n *Node) PID() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return 0
	}
	return n.cmd.Process.Pid
}

func (n *Node) start() error {
	for _, addr := range n.addrs { // another program there would answer that the node is ready
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
			if cmd.ProcessState.Exited() { // not by a signal, so its log says why
				how += "\n" + log.String()
			}
			n.fell.Store(&how)
		}
		n.up.Store(false)
		close(gone)
	}()
	return nil
}

// Start starts the node again after Kill or Stop, and waits until it is ready.
func (n *Node) Start(ctx context.Context) error {
	if err := n.start(); err != nil {
		return err
	}
	return n.awaitReady(ctx)
}

// Kill ends the node with SIGKILL, like a crash: clients find out by themselves.
func (n *Node) Kill() {
	n.ending.Store(true)
	n.signal(syscall.SIGKILL)
	<-n.ended()
}

// Stop has the node drain by SIGTERM, and waits until it has left. Like a load balancer in a deploy
// it first keeps new clients from the node. Clients that are connected stay until the node says
// otherwise.
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

// Fell returns how the node ended by itself, or nothing if it didn't.
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
		err := n.Ready(ctx)
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

// Ready asks the node whether it is ready, on a connection of its own as a health check does.
func (n *Node) Ready(ctx context.Context) error { return get(ctx, nil, n.Admin+"/readyz", "", nil) }
