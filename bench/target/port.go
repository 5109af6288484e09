package target

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
)

// Ports are below those that systems give to whoever dials (32768 and up on Linux): one that is
// free when a node is planned could be the near end of a connection when it is started, or started
// again.
const (
	firstPort = 10_000
	lastPort  = 32_000
)

// claims are the ports that this process has given to nodes, also while these are down: by port,
// what keeps other processes from them.
var claims sync.Map

// claimsAt is where a port is claimed: a process that runs at the same time can't listen there,
// too, and takes another port. It is free again when this one has ended, however it ends.
const claimsAt = "127.77.77.77"

// Ports are n addresses on loopback at which nothing listens, and which are given to no other node,
// by this process or another one of its kind.
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
// have a single address on loopback: there only this process's nodes are kept apart.
func claim(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", claimsAt, port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return false
	}
	_, ours := claims.LoadOrStore(port, l) // which keeps it open
	return !ours
}

// free returns why an address can't be had, for streams or for packets: gossip has both.
func free(addr string) error {
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
