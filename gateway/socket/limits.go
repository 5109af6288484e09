package socket

import "time"

// Limits bound what a socket, and the sockets of a participant, may use. The gateway has most of
// them for its event streams and requests, too.
type Limits struct {
	MaxConnections   int // sockets that have said hello, and event streams: unavailable
	MaxSockets       int // sockets of a participant: rate_limited and 4008. Likewise its event streams
	ServiceSockets   int // sockets of a participant with service scope, whose event streams have no limit
	MaxIDs           int // ids of a message, of GET /v1/presence and of /v1/events: too_many_ids
	MaxGreetingBytes int // of a frame before the welcome: closed with 1009
	MaxMessageBytes  int // of a frame after it: closed with 1009

	MessageRate  float64       // messages a second on one socket: rate_limited
	MessageBurst int           // messages at once after a pause
	FloodTime    time.Duration // a connection that goes on for so long while rate_limited is closed

	HelloTimeout time.Duration // from the connection, or an answer `unavailable`, to a good hello; then 4003
	SlowAfter    time.Duration // for a client to take a frame or an event; a slower one is closed: 4005
	CloseTimeout time.Duration // for a client to answer a close frame, and for a slow one to fetch its 4005
	ReadWait     time.Duration // for owners to answer a read; then unknown
	WriteWait    time.Duration // for owners to take a write; then unavailable
}

// MessageBurstSeconds is the burst in seconds' worth of the rate.
const MessageBurstSeconds = 5

// GreetingBytes is room for a token of the usual size, in a hello or in a header.
const GreetingBytes = 16 << 10

// DefaultLimits are those of the wire contract.
func DefaultLimits() Limits {
	return Limits{
		MaxConnections:   100_000,
		MaxSockets:       32,
		ServiceSockets:   1000,
		MaxIDs:           1000,
		MaxGreetingBytes: GreetingBytes,
		MaxMessageBytes:  256 << 10,
		MessageRate:      20,
		MessageBurst:     20 * MessageBurstSeconds,
		FloodTime:        10 * time.Second,
		HelloTimeout:     5 * time.Second,
		SlowAfter:        10 * time.Second,
		CloseTimeout:     2 * time.Second,
		ReadWait:         2 * time.Second,
		WriteWait:        5 * time.Second,
	}
}
