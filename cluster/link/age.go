package link

import (
	"encoding/binary"
	"time"
)

// A call that is late is refused, unless it is bulk, whose megabytes take their time. TCP keeps
// what is sent into a stalled network and delivers it when the network is back, seconds later. By
// then the caller has asked again by another way, and gone on. Carried out so late, an older write
// would undo a newer one, and a watch would register an interest that nobody ends.
//
// Two clocks differ, so nobody knows how long a frame was on its way. But each call and each pulse
// begins with the time at which it was sent. A frame that took longer than the fastest one lately
// was held up by as much.
//
// On a busy machine a call that came in time may wait here until its goroutine runs. Others
// overtake it meanwhile, so this time counts too: at the owner, and at the node that passes the
// call on.

// stampSize is the size of the time at the beginning of calls and pulses: milliseconds since the
// sender's connection was made.
const stampSize = 4

// maxLate is how much longer than the fastest frame a call may take. Two hops stay below the two
// seconds after which the caller of a write asks again.
const maxLate = 700 * time.Millisecond

func appendStamp(b []byte, now time.Duration) []byte {
	return binary.BigEndian.AppendUint32(b, uint32(now.Milliseconds()))
}

func cutStamp(b []byte) (sent uint32, rest []byte, ok bool) {
	if len(b) < stampSize {
		return 0, nil, false
	}
	return binary.BigEndian.Uint32(b), b[stampSize:], true
}

// ages are the least differences between sending and receiving, in milliseconds, of two periods.
// Clocks drift, so earlier ones are forgotten.
type ages struct {
	least [2]int64 // of this period, and of the one before
	since time.Duration
	begun bool
}

// agesPeriod is how long the fastest frame is remembered, and up to as long again.
const agesPeriod = Timeout

// note returns how much longer a frame was on its way than the fastest one lately. Stamps wrap
// after 49 days.
func (a *ages) note(sent uint32, now time.Duration) time.Duration {
	took := int64(int32(uint32(now.Milliseconds()) - sent))
	switch {
	case !a.begun:
		a.begun, a.since, a.least = true, now, [2]int64{took, took}
	case now-a.since > agesPeriod:
		a.since, a.least = now, [2]int64{took, a.least[0]}
	}
	a.least[0] = min(a.least[0], took)
	return time.Duration(took-min(a.least[0], a.least[1])) * time.Millisecond
}
