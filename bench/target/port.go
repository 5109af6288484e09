package target

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
)

// Ports are below those that a system gives to outgoing connections (32768 and up on Linux). A port
// above could be free when a node is planned, and the near end of a connection when it starts, or
// starts again.
const (
	firstPort = 10_000
	lastPort  = 32_000
)

// claims are the ports that this process has given to nodes, also while these are down. By port, it
// has the listener that keeps other processes from it.
var claims sync.Map

// claimsAt is the address where a process claims a port, by listening there. Another process can't
// listen there too, and takes another port. The port is free again when the first process has
// ended, however it ends.
const claimsAt = "127.77.77.77"

// Ports returns n addresses on loopback where nothing listens, and which no other node is given, by
// this process or another one of its kind.
func Ports(n int) (addrs []string, err error) {
	for range 100 * n {
		port := firstPort + rand.IntN(lastPort-firstPort)
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		if !claim(port) || free(addr) != nil {
			continue
		}
		if addrs = append(addrs, addr); len(addrs) == n {
			return addrs, nil
		}
	}
	return nil, errors.New("target: there are no free ports on 127.0.0.1")
}

// claim reports whether this process has a port to itself from now on. Systems other than Linux
// have a single address on loopback: there only the nodes of this process are kept apart.
func claim(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", claimsAt, port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return false
	}
	_, ours := claims.LoadOrStore(port, l) // the map keeps l open
	return !ours
}

// free returns why an address can't be used, for streams or for packets: gossip needs both. This
// process starts no other meanwhile: until that one executes its own program it has copies of what
// is open here, and the address would stay taken after it is closed.
func free(addr string) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	defer l.Close()
	p, err := net.ListenPacket("udp", addr)
	if err != nil {
		return err
	}
	return p.Close()
}
