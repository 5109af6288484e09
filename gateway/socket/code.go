package socket

import "strconv"

// closeCode is why a connection is closed: what its close frame says, or below 1000 what needs no
// frame.
type closeCode uint16

const (
	closeByPeer  closeCode = 1 // the client closed, or its connection broke
	closeSilent  closeCode = 2 // no sign of life within the deadline; nobody is there to read a frame
	closeAborted closeCode = 3 // the server was closed without waiting

	closeNormal       closeCode = 1000 // goodbye, or signed out elsewhere
	closeGoingAway    closeCode = 1001 // this node is leaving
	closeTooLarge     closeCode = 1009
	closeUnauthorized closeCode = 4001
	closeExpired      closeCode = 4002
	closeNoHello      closeCode = 4003
	closeBadMessage   closeCode = 4004
	closeSlow         closeCode = 4005
	closeReplaced     closeCode = 4006
	closeRateLimited  closeCode = 4008
)

// closeCodes is every code with the reason that its close frame, or the metrics' label, gives.
var closeCodes = [...]struct {
	code   closeCode
	reason string
}{
	{closeByPeer, "peer"},
	{closeSilent, "silent"},
	{closeAborted, "aborted"},
	{closeNormal, "goodbye"},
	{closeGoingAway, "node leaving"},
	{closeTooLarge, "frame too large"},
	{closeUnauthorized, "unauthorized"},
	{closeExpired, "token expired"},
	{closeNoHello, "no hello in time"},
	{closeBadMessage, "bad message"},
	{closeSlow, "slow consumer"},
	{closeReplaced, "device connected elsewhere"},
	{closeRateLimited, "rate limited"},
}

// index is the code's place in closeCodes.
func (c closeCode) index() int {
	for i := range closeCodes {
		if closeCodes[i].code == c {
			return i
		}
	}
	return 0
}

func (c closeCode) silent() bool { return c < closeNormal }

func (c closeCode) reason() string { return closeCodes[c.index()].reason }

// label is the code as metrics have it: its number, or a word for what has none.
func (c closeCode) label() string {
	if c.silent() {
		return c.reason()
	}
	return strconv.Itoa(int(c))
}

// lingers reports whether the device stays for the linger time. A close that is the server's doing
// leaves it its deadline, and one that took the device away leaves nothing to keep.
func (c closeCode) lingers() bool {
	switch c {
	case closeNormal, closeGoingAway, closeExpired, closeSlow, closeReplaced, closeAborted:
		return false
	default:
		return true
	}
}
