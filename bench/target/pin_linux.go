package target

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Cores are those that this process may use.
func Cores() (cores []int) {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	for core := 0; len(cores) < set.Count(); core++ {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores
}

// StartOn starts cmd on cores; with none, on any. A child has the cores of the thread that makes it, so this one's are changed meanwhile.
func StartOn(cores []int, cmd *exec.Cmd) error {
	if len(cores) == 0 {
		return cmd.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("target: cores: %w", err)
	}
	if err := pin(0, cores); err != nil {
		return err
	}
	defer func() { _ = unix.SchedSetaffinity(0, &before) }()
	return cmd.Start()
}

// PinSelf keeps this process to cores: all threads there are, from whom those to come inherit.
func PinSelf(cores []int) error {
	for range 2 { // a thread may be made by one that isn't pinned yet while the first round runs
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("target: threads: %w", err)
		}
		for _, t := range threads {
			tid, _ := strconv.Atoi(t.Name())
			if err := pin(tid, cores); err != nil && err != unix.ESRCH {
				return err
			}
		}
	}
	runtime.GOMAXPROCS(len(cores))
	return nil
}

func pin(tid int, cores []int) error {
	var set unix.CPUSet
	for _, core := range cores {
		set.Set(core)
	}
	return unix.SchedSetaffinity(tid, &set)
}
