package target

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asParent makes this test binary a parent that is killed: see TestAChildEndsWithItsParentAlone.
const asParent = "PRESENCE_TARGET_PARENT"

func init() {
	if os.Getenv(asParent) != "" {
		parent()
	}
}

// parent starts a child that echoes, and stays. It asks for the child on a thread that then ends.
// That isn't the process's first thread, which would stay: init has locked that one.
func parent() {
	cmd := exec.Command("cat")
	cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
	tid := make(chan int)
	go func() {
		runtime.LockOSThread()
		if err := StartOn(nil, cmd); err != nil {
			panic(err)
		}
		tid <- unix.Gettid()
	}()
	for task := "/proc/self/task/" + strconv.Itoa(<-tid); exists(task); {
		runtime.Gosched()
	}
	fmt.Println("started")
	time.Sleep(time.Hour)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// TestAChildEndsWithItsParentAlone kills a parent. The child has the other end of the pipe, so it
// has ended when there is nothing more to read. Before that, the thread that asked for the child
// ends: to the kernel it could be the parent.
func TestAChildEndsWithItsParentAlone(t *testing.T) {
	in, say := pipe(t) // the child ends with this one too, should the test fail
	hear, out := pipe(t)
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), asParent+"=1")
	p.Stdin, p.Stdout, p.Stderr = in, out, os.Stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	out.Close()
	_ = hear.SetReadDeadline(time.Now().Add(patience))
	lines := bufio.NewReader(hear)
	if got, err := lines.ReadString('\n'); got != "started\n" {
		t.Fatalf("%q, %v", got, err)
	}
	fmt.Fprintln(say, "there?")
	if got, err := lines.ReadString('\n'); got != "there?\n" {
		t.Errorf("%q, %v; the child should live as long as its parent, whichever thread of that ends", got, err)
	}
	_ = p.Process.Kill()
	_ = p.Wait()
	if _, err := io.Copy(io.Discard, lines); err != nil {
		t.Errorf("%v: the child is still there after its parent was killed", err)
	}
}
