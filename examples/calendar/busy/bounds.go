package busy

import (
	"fmt"
	"time"
)

// patience is how long a feed may take to read, and then to ask. Real ones take milliseconds. It
// bounds what a feed costs that was made to be slow.
const patience = 30 * time.Second

var errTooSlow = fmt.Errorf("it takes longer than %v", patience)

// bounds are how far instances are followed, and until when that may take.
type bounds struct{ horizon, deadline time.Time }

func inTime(horizon time.Time) bounds { return bounds{horizon, time.Now().Add(patience)} }

func (b bounds) tooSlow() error {
	if time.Now().After(b.deadline) {
		return errTooSlow
	}
	return nil
}
