package pasted

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const patience = 5 * time.Minute // for a machine that has much else to do, and a build from nothing

// terminal is a person's: an interactive shell on a pseudo terminal.
type terminal struct {
	t      *testing.T
	name   string
	master *os.File

	// the test's alone
	seen    int // lines that were compared
	settled int // blocks that have ended

	mu      sync.Mutex
	output  strings.Builder
	changed chan struct{} // one slot
}

// open gives a terminal on a machine.
func (m *machine) open(name string) *terminal {
	m.t.Helper()
	master, slave := pty(m.t)
	cmd := m.shell()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		m.t.Fatalf("nsenter and bash are needed: %v", err)
	}
	slave.Close()
	x := &terminal{t: m.t, name: name, master: master, changed: make(chan struct{}, 1)}
	var reading sync.WaitGroup
	reading.Go(x.read)
	m.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = master.Close()
		reading.Wait()
	})
	x.settle()
	return x
}

// pty makes a pseudo terminal, wide enough that no line of a page is wrapped.
func pty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var number uint32
	if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err == nil {
		number, err = unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 500})
	}
	if err != nil {
		t.Fatal(err)
	}
	master = os.NewFile(uintptr(fd), "ptmx")
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}

// read follows what the terminal shows, until it is closed.
func (x *terminal) read() {
	b := make([]byte, 4096)
	for {
		n, err := x.master.Read(b)
		x.mu.Lock()
		x.output.Write(b[:n])
		x.mu.Unlock()
		select {
		case x.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// write types, or pastes.
func (x *terminal) write(text string) {
	x.t.Helper()
	if _, err := x.master.WriteString(text); err != nil {
		x.t.Fatalf("%s: %v", x.name, err)
	}
}

// until waits for what is shown, and fails if it does not come in time.
func (x *terminal) until(what string, limit time.Duration, reached func() bool) bool {
	end := time.NewTimer(limit)
	defer end.Stop()
	for !reached() {
		select {
		case <-x.changed:
		case <-end.C:
			if limit == patience {
				x.t.Fatalf("%s: not within %v: %s; it shows\n%s", x.name, limit, what, x.text())
			}
			return false
		}
	}
	return true
}

// settle waits until the shell has done what it was told.
func (x *terminal) settle() {
	x.t.Helper()
	end := x.ask()
	x.until("the end of the block", patience, func() bool { return strings.Contains(x.text(), end) })
	if after, _, _ := strings.Cut(x.text()[strings.Index(x.text(), end)+len(end):], "\n"); after != "0" {
		x.t.Errorf("%s: the last command ended with status %s", x.name, after)
	}
}

// ask lets the shell say that it has come so far, and with which status. It returns the line that
// will say so.
func (x *terminal) ask() string {
	x.settled++
	x.write(fmt.Sprintf("printf '\\n=== %%d %%d\\n' %d $?\n", x.settled))
	return fmt.Sprintf("\n=== %d ", x.settled)
}

// press is for keys that prose asks for: a line, whose answer is waited for, or Ctrl-C.
func (x *terminal) press(keys string) {
	x.t.Helper()
	for key := range strings.SplitSeq(keys, ", ") {
		if key == "Ctrl-C" {
			x.interrupt()
			continue
		}
		before := len(x.text())
		x.write(key + "\n")
		x.until("what "+key+" does", patience, func() bool {
			_, after, typed := strings.Cut(x.text()[before:], key+"\n")
			return typed && strings.Contains(after, "\n")
		})
	}
}

// interrupt presses Ctrl-C until it has done something: what comes between fg's answer and the
// command's having the terminal is lost.
func (x *terminal) interrupt() {
	x.t.Helper()
	const times = 20
	for range times {
		x.write("\x03")
		end := x.ask()
		if x.until(end, patience/times, func() bool { return strings.Contains(x.text(), end) }) {
			return
		}
	}
	x.t.Fatalf("%s: Ctrl-C does nothing:\n%s", x.name, x.text())
}

var control = regexp.MustCompile("\x1b\\[[0-9;?]*[a-zA-Z]|\r|\a")

// text is what the terminal shows, without colours.
func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return control.ReplaceAllString(x.output.String(), "")
}

// lines are those that are whole, without what differs each time.
func (x *terminal) lines() []string {
	text := x.text()
	return plain(text[:strings.LastIndex(text, "\n")+1])
}
