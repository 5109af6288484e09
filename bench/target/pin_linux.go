package target

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Cores returns the cores that this process may use.
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

// PinSelf keeps this process to cores: all its threads, and by inheritance those to come.
func PinSelf(cores []int) error {
	for range 2 { // during the first round, a thread that isn't pinned yet may make another
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
