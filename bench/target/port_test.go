package target

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"testing"
)

// TestClaims: a port that another process has claimed is given to no node, even while nothing
// listens there.
func TestClaims(t *testing.T) {
	addrs, err := Ports(1)
	if err != nil {
		t.Fatal(err)
	}
	addr, err := net.ResolveTCPAddr("tcp", addrs[0])
	if err != nil {
		t.Fatal(err)
	}
	if claim(addr.Port) {
		t.Errorf("%s is given twice", addr)
	}
	other, err := net.Listen("tcp", claimsAt+":0") // as another process has one
	if err != nil {
		t.Skipf("this system has one address on loopback: %v", err)
	}
	defer other.Close()
	if theirs := other.Addr().(*net.TCPAddr).Port; claim(theirs) {
		t.Errorf("port %d of another process is given, too", theirs)
	}
	if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", addr.Port)); err != nil {
		t.Errorf("who has a port can't listen at it: %v", err)
	} else {
		l.Close()
	}
}

// TestPortsStayFree: an address can be had at once after it was tried, also while this process
// starts others.
func TestPortsStayFree(t *testing.T) {
	addrs, err := Ports(1)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		var err error
		for range 300 {
			err = errors.Join(err, exec.Command("true").Run())
		}
		ended <- err
	}()
	var taken error
	for tries := 0; ; tries++ {
		if err := free(addrs[0]); err != nil && taken == nil {
			taken = fmt.Errorf("after %d tries: %w", tries, err)
		}
		select {
		case err := <-ended:
			if err := errors.Join(err, taken); err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}
