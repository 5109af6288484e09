package many

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// slowDisk is a file system of its own for one node's data, in a file. It is mounted where only the
// node sees it, and ends with it.
type slowDisk struct {
	dir   string
	image string
}

// mounted mounts the image and becomes the node.
const mounted = `mount -o loop "$0" "$1" && shift && exec "$@"`

func newSlowDisk(t *testing.T) *slowDisk {
	t.Helper()
	for _, tool := range []string{"mkfs.ext4", "mount", "fsfreeze", "unshare"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("a slow disk is a file system that is frozen again and again, and needs %s, "+
				"from Debian's e2fsprogs, mount and util-linux", tool)
		}
	}
	d := &slowDisk{dir: filepath.Join(t.TempDir(), "data"), image: filepath.Join(t.TempDir(), "image")}
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, 64<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", d.image).CombinedOutput(); err != nil {
		t.Skipf("no file system can be made here: %v: %s", err, out)
	}
	try := `sh -c '` + mounted + `' "$0" "$1" sh -c 'fsfreeze -f "$0" && fsfreeze -u "$0"' "$1"`
	if out, err := exec.Command("unshare", "-m", "sh", "-c", try, d.image, d.dir).CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted and frozen here: %v: %s", err, out)
	}
	return d
}

// give puts a node's data there. It must be on a host of its own: that has its own mounts.
func (d *slowDisk) give(nd *node) {
	nd.wrap = []string{"sh", "-c", mounted, d.image, d.dir}
	nd.flags = append(nd.flags, "--data-dir="+filepath.Join(d.dir, "presence"))
}

// slow makes each write to the node's disk take up to so long from now on, until stop.
func (d *slowDisk) slow(t *testing.T, nd *node, each time.Duration) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var freezing sync.WaitGroup
	// A node that waits for a frozen disk can't even be killed. So each command thaws what it has
	// frozen, also when this test is killed.
	cycle := fmt.Sprintf(`fsfreeze -f "$0" || exit; sleep %v; fsfreeze -u "$0"`, each.Seconds())
	seen := fmt.Sprintf("/proc/%d/root%s", nd.cmd.Process.Pid, d.dir)
	freezing.Go(func() {
		for sleepUntil(ctx, time.Now().Add(10*time.Millisecond)) {
			if out, err := exec.Command("sh", "-c", cycle, seen).CombinedOutput(); err != nil {
				t.Errorf("the disk can't be frozen: %v: %s", err, out)
				return
			}
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		freezing.Wait()
	})
	t.Cleanup(stop)
	return stop
}
