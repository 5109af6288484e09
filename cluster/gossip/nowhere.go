package gossip

import (
	"errors"
	"net"
	"time"

	"github.com/hashicorp/memberlist"
)

// Nowhere is the network of a node that opens no port. No other node comes, and none is reached.
// The node is its only member.
func Nowhere() memberlist.Transport {
	return nowhere{make(chan *memberlist.Packet), make(chan net.Conn)}
}

var errNowhere = errors.New("gossip: this node opens no port for others")

type nowhere struct {
	packets chan *memberlist.Packet
	streams chan net.Conn
}

func (nowhere) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return net.IPv4(127, 0, 0, 1), 0, nil
}

func (nowhere) WriteTo([]byte, string) (time.Time, error)           { return time.Time{}, errNowhere }
func (n nowhere) PacketCh() <-chan *memberlist.Packet               { return n.packets }
func (nowhere) DialTimeout(string, time.Duration) (net.Conn, error) { return nil, errNowhere }
func (n nowhere) StreamCh() <-chan net.Conn                         { return n.streams }
func (nowhere) Shutdown() error                                     { return nil }
