package link

import (
	"errors"
	"io"
	"net"

	"github.com/coder/websocket"
)

// What a call or a push can fail with. Test with errors.Is.
var (
	ErrClosed = errors.New("link: closed")               // there is no connection now
	ErrFull   = errors.New("link: outbox full")          // the peer is slower than what is sent to it
	ErrRemote = errors.New("link: the peer answered")    // it was asked, and refused; the text is its own
	ErrLarge  = errors.New("link: larger than a frame")  // split it
	ErrBusy   = errors.New("link: the peer is busy")     // too much of the kind is under way there; nothing was done
	errLate   = errors.New("link: too late")             // its caller has given the call up
	errSilent = errors.New("link: silent for too long")  // why a connection was closed
	errPeer   = errors.New("link: closed by its keeper") // why a connection was closed
)

// errRefused is all that a node is told that is refused: it might be a stranger.
var errRefused = errors.New("the other node refused, and its log says why; " +
	"compare --cluster-name, version and timings, and whether gossip gets through in both directions")

// netClosed says whether an error only tells that somebody went away.
func netClosed(err error) bool {
	return errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, errPeer) ||
		websocket.CloseStatus(err) != -1
}
