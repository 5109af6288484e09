package target

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// Ports are below those that systems give to whoever dials (32768 and up on Linux): one that is free when a node is planned could be the near
// end of somebody's connection when it is started, or started again.
const (
	firstPort = 10_000
	lastPort  = 32_000
)

// planned are the ports that were given to nodes of this process, also while these are down.
var planned sync.Map

// Ports are n addresses on loopback at which nobody listens, and which are given to nobody else by this process.
func Ports(n int) (addrs []string, err error) {
	for range 100 * n {
		port := firstPort + rand.IntN(lastPort-firstPort)
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		if _, is := planned.LoadOrStore(port, true); is || free(addr) != nil {
			continue
		}
		if addrs = append(addrs, addr); len(addrs) == n {
			return addrs, nil
		}
	}
	return nil, errors.New("target: there are no free ports on 127.0.0.1")
}

// free says why an address can't be had, for streams or for packets: gossip has both.
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
