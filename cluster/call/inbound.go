package call

import (
	"sync"

	"github.com/scaiwave/presence/cluster/link"
)

// inbound are the latest connections that other nodes have made, by class.
type inbound struct {
	mu    sync.Mutex
	conns map[inboundKey]*link.Conn
}

type inboundKey struct {
	peer  link.Name
	class link.Class
}

func (i *inbound) add(c *link.Conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.conns == nil {
		i.conns = make(map[inboundKey]*link.Conn)
	}
	i.conns[inboundKey{c.Peer(), c.Class()}] = c
}

func (i *inbound) remove(c *link.Conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if k := (inboundKey{c.Peer(), c.Class()}); i.conns[k] == c {
		delete(i.conns, k)
	}
}

func (i *inbound) get(peer link.Name, class link.Class) *link.Conn {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.conns[inboundKey{peer, class}]
}
