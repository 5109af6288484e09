package link

import (
	"errors"
	"io"
	"net"

	"github.com/coder/websocket"
)

// What a call or a push can fail with. Test with errors.Is.
var (
	ErrClosed  = errors.New("link: closed")              // there is no connection now
	ErrFull    = errors.New("link: outbox full")         // the peer reads more slowly than this node sends
	ErrRemote  = errors.New("link: remote error")        // the peer answered with an error, which follows
	ErrLarge   = errors.New("link: larger than a frame") // split it
	ErrBusy    = errors.New("link: remote busy")         // too many calls of the lane run there; nothing was done
	errLate    = errors.New("link: too late")            // its caller has given the call up
	errSilent  = errors.New("link: silent for too long") // why a connection was closed
	errStalled = errors.New("link: write stalled")       // why a connection was closed
	errEnded   = errors.New("link: closed by this node") // why a connection was closed
)

// errRefused is all that a node that is refused is told, as it might be a stranger.
var errRefused = errors.New("the other node refused, and its log says why; " +
	"compare --cluster-name, version and timings, and whether gossip gets through in both directions")

// netClosed reports whether an error tells no more than that an end closed the connection.
func netClosed(err error) bool {
	return errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, errEnded) ||
		websocket.CloseStatus(err) != -1
}
