package e2e

import (
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// lastPort walks through a range below the kernel's ephemeral ports, so that an
// outgoing connection can't take a port between the look and the server's bind;
// and above those of package many, which may run at the same time.
var lastPort atomic.Int64

func init() { lastPort.Store(int64(20000 + os.Getpid()%4000*3)) }

// ports gives n loopback addresses that nobody listens on, TCP or UDP.
func ports(n int) []string {
	var free []string
	for len(free) < n {
		addr := fmt.Sprintf("127.0.0.1:%d", 20000+(lastPort.Add(1)-20000)%12000)
		tcp, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		udp, err := net.ListenPacket("udp", addr)
		tcp.Close()
		if err == nil {
			udp.Close()
			free = append(free, addr)
		}
	}
	return free
}

// output keeps what a process writes; safe while it is still writing.
type output struct {
	mu sync.Mutex
	b  strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (o *output) tail(n int) string {
	s := o.String()
	return s[max(0, len(s)-n):]
}
