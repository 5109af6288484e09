package gateway

import (
	"time"

	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/socket"
)

// Limits bound what one request, participant or gateway may use. Every limit has a metric and an
// error. A number stands in one place: its default in the functions called Default…, its bounds in
// Validate. Flags, their help and the pages take them from there, or are compared with them.
type Limits struct {
	Admission     // before anything is known of a client
	socket.Limits // of sockets, and of what event streams and requests share with them

	MaxWatched   int // ids that one connection watches: too_many_ids
	MaxQueryIDs  int // ids of POST /v1/presence/query: too_many_ids
	MaxItems     int // heartbeats, direct messages or edges of a batch: too_many_items
	MaxBodyBytes int // too_large
	// bytes that requests in flight take: unavailable; a participant may have a quarter
	RequestMemory       int64
	RoomWait            time.Duration // for others to give memory back; then unavailable
	MaxRequestLineBytes int           // too_large; beyond twice as much net/http answers 431 by itself
	AnswerTimeout       time.Duration // for a client to take an answer, from the request's end
	EventsKeepAlive     time.Duration // silence of an event stream before a comment; proxies often cut at 60 s

	// Rates of a participant, which service scope is without: rate_limited. Bursts are at once,
	// after a pause. That of ids is at least MaxQueryIDs, and what the largest body counts as.
	ParticipantRate     float64 // HTTP requests a second
	ParticipantBurst    int
	ParticipantIDsRate  float64 // ids a second that it asks about, watches or unwatches
	ParticipantIDsBurst int

	// StrangerLimit is how many participants within a day a viewer may ask about or watch to whom
	// it is a stranger, which service scope is without: rate_limited. 0: any number.
	StrangerLimit int
}

// Bursts in seconds' worth of the rate.
const (
	ParticipantBurstSeconds = 4
	IDsBurstSeconds         = 10
)

// DefaultLimits are those of the wire contract.
func DefaultLimits() Limits {
	return Limits{
		Admission:           defaultAdmission(),
		Limits:              socket.DefaultLimits(),
		MaxWatched:          hub.MaxWatched,
		MaxQueryIDs:         10_000,
		MaxItems:            10_000,
		MaxBodyBytes:        4 << 20,
		RequestMemory:       64 << 20,
		RoomWait:            time.Second,
		MaxRequestLineBytes: 512 << 10,
		AnswerTimeout:       time.Minute,
		EventsKeepAlive:     15 * time.Second,
		ParticipantRate:     50,
		ParticipantBurst:    50 * ParticipantBurstSeconds,
		ParticipantIDsRate:  5000,
		ParticipantIDsBurst: 5000 * IDsBurstSeconds,
	}
}

// headerRoom is what a request's header may have besides its request line, in bytes.
const headerRoom = 64 << 10

// largestHeader is the largest that net/http reads.
func (l *Limits) largestHeader() int { return 2*l.MaxRequestLineBytes + headerRoom }
