package abuse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// memoryOfNode is the size of the cgroup in which a node must survive.
const memoryOfNode = 256 << 20

// barred is why this machine makes no memory cgroup, once that was tried.
// cgroups counts those that were made, for their names.
var cgroups atomic.Int64

var barred struct {
	sync.Mutex
	err error
}

// within starts a node in a memory cgroup of its own, where the machine makes one.
func within(t *testing.T, bytes int) setting {
	t.Helper()
	dir, err := memoryCgroup(bytes)
	barred.Lock()
	barred.err = err
	barred.Unlock()
	if err != nil {
		return setting{}
	}
	// A process has to be gone before its cgroup can go, so this is registered before the node is
	// started.
	t.Cleanup(func() { _ = os.Remove(dir) })
	return setting{wrap: []string{"sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$@"`, dir}}
}

// confined tells whether a node was in its cgroup.
func confined() figure {
	barred.Lock()
	defer barred.Unlock()
	if barred.err != nil {
		return told("no cgroup of 256 MB: not possible here: %v", barred.err)
	}
	return held(true, "survives in 256 MB", "in a cgroup of 256 MB")
}

// memoryCgroup makes a cgroup, of version 2 or 1. What it swaps counts, too.
func memoryCgroup(bytes int) (dir string, err error) {
	var errs []error
	for _, h := range []struct {
		root, controller string
		files            map[string]int
	}{
		{"/sys/fs/cgroup", "+memory", map[string]int{"memory.max": bytes, "memory.swap.max": 0}},
		{"/sys/fs/cgroup/memory", "", map[string]int{"memory.limit_in_bytes": bytes}},
	} {
		if dir, err = limited(h.root, h.controller, h.files); err == nil {
			return dir, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// limited makes a cgroup below root and sets its files. A missing file of swap is no reason to
// fail.
func limited(root, controller string, files map[string]int) (string, error) {
	if controller != "" {
		if err := set(filepath.Join(root, "cgroup.subtree_control"), controller); err != nil {
			return "", err
		}
	}
	dir := filepath.Join(root, fmt.Sprintf("presence-abuse-%d-%d", os.Getpid(), cgroups.Add(1)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	for name, value := range files {
		err := set(filepath.Join(dir, name), strconv.Itoa(value))
		if err != nil && name != "memory.swap.max" {
			_ = os.Remove(dir)
			return "", err
		}
	}
	return dir, nil
}

// set writes a file that is there: where no cgroups are mounted, none is made.
func set(path, value string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}
