package target

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// start starts cmd, and has it killed when this process ends in any way: a server that is left
// would keep ports, and cores that are measured next.
func start(cores []int, cmd *exec.Cmd) error {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error)
	go keep(cores, cmd, started)
	return <-started
}

// keep starts cmd, and holds the thread that did so until cmd has ended: to the kernel that thread
// is the parent, and a thread that isn't held may end before. It is never unlocked, so it ends with
// this goroutine, and nothing else runs on the cores that were chosen for the child.
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

// startHere starts cmd on this thread, whose cores the child inherits.
func startHere(cores []int, cmd *exec.Cmd) error {
	if len(cores) > 0 {
		if err := pin(0, cores); err != nil {
			return fmt.Errorf("target: cores: %w", err)
		}
	}
	return cmd.Start()
}

// awaitEnd returns when a child has ended. It leaves the status to cmd.Wait.
func awaitEnd(pid int) {
	for errors.Is(unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
	}
}
