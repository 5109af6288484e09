package target

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// start has cmd killed when this process ends in whatever way: what is left would keep ports, and
// cores busy that are measured next.
func start(cores []int, cmd *exec.Cmd) error {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error)
	go keep(cores, cmd, started)
	return <-started
}

// keep starts cmd, and holds the thread that did until it has ended: that thread is what the kernel
// calls the parent, and any other may end before. It is never unlocked, so it ends with this
// goroutine, and nothing else gets to run on the cores that were chosen for the child.
func keep(cores []int, cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	if err := startHere(cores, cmd); err != nil {
		started <- err
		return
	}
	pid := cmd.Process.Pid
	started <- nil
	awaitEnd(pid)
}

// startHere starts cmd on this thread, whose cores a child inherits.
func startHere(cores []int, cmd *exec.Cmd) error {
	if len(cores) > 0 {
		if err := pin(0, cores); err != nil {
			return fmt.Errorf("target: cores: %w", err)
		}
	}
	return cmd.Start()
}

// awaitEnd returns when a child has ended; its status is left to whoever waits for it.
func awaitEnd(pid int) {
	for errors.Is(unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
	}
}
