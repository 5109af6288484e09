package ask

import (
	"errors"
	"fmt"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/shard"
)

// What a command can fail with.
var (
	ErrTooManyDevices = errors.New("too many live devices")
	ErrReplaced       = errors.New("device connected elsewhere")
	ErrGone           = errors.New("device was signed out")
	ErrErased         = errors.New("message precedes an erasure")
	ErrTooManyEdges   = errors.New("too many windows, edges and blocks")
	ErrTooManyClaims  = errors.New("too many claims")
	ErrCrowded        = fmt.Errorf("%w: too slow", call.ErrUnavailable)
	ErrFull           = fmt.Errorf("%w: no room for more", call.ErrUnavailable) // nothing was stored
)

// Outcomes that only pass between nodes.
const (
	// busy is of a write for which there is no place, or whose backup is too slow. It is answered
	// at once, and not tried again.
	busy shard.Outcome = 0xfe
	// diskRefuses is of a fact of which nothing was stored.
	diskRefuses shard.Outcome = 0xfd
)

// ErrorOf is the error that an outcome stands for.
func ErrorOf(o shard.Outcome) error {
	switch o {
	case shard.Done:
		return nil
	case shard.Replaced:
		return ErrReplaced
	case shard.Gone:
		return ErrGone
	case shard.TooMany:
		return ErrTooManyDevices
	case shard.Erased:
		return ErrErased
	case shard.TooManyExceptions:
		return ErrTooManyEdges
	case shard.TooManyClaims:
		return ErrTooManyClaims
	case shard.Full:
		return ErrFull
	case busy:
		return ErrCrowded
	default:
		return call.ErrUnavailable
	}
}

// DiskError is why a fact was refused: a data directory takes nothing. It is an ErrUnavailable.
type DiskError struct {
	Words  string // what is wrong, and at which node
	Stored bool   // it may have been stored all the same
}

func (e *DiskError) Error() string { return "cluster: " + e.Words }

func (e *DiskError) Unwrap() error { return call.ErrUnavailable }
