package ask

import (
	"context"
	"iter"
	"maps"
	"sync"

	"github.com/scaiwave/presence/cluster/message"
)

// operations make those that an owner carries out, by their codes.
var operations = map[byte]func(o *Owner) Operation{
	message.OpAttach:     fresh[Attach],
	message.OpAnnounce:   fresh[Announce],
	message.OpFlip:       fresh[Flip],
	message.OpRest:       fresh[Rest],
	message.OpDetach:     fresh[Detach],
	message.OpGoodbye:    fresh[Goodbye],
	message.OpSignOut:    fresh[SignOut],
	message.OpOverride:   fresh[Override],
	message.OpKind:       fresh[Kind],
	message.OpWindow:     fresh[Window],
	message.OpErase:      fresh[Erase],
	message.OpStrike:     fresh[Strike],
	message.OpAccount:    fresh[Account],
	message.OpInspect:    fresh[Inspect],
	message.OpStates:     fresh[States],
	message.OpHeartbeats: fresh[Heartbeats],
	message.OpEdges:      fresh[Edges],
	message.OpBlock:      fresh[Block],
	message.OpVisibility: fresh[SetVisibility],
	message.OpRoom:       fresh[Room],
	message.OpVisibleTo:  fresh[Visibility],
	message.OpTies:       fresh[Ties],

	message.OpJudgedStates:  fresh[JudgedStates],
	message.OpJudgedInspect: fresh[JudgedInspect],

	message.OpStatuses: fresh[Statuses],
	message.OpStatus:   fresh[Status],
	message.OpClaim:    fresh[Claim],
	message.OpPick:     fresh[Pick],
	message.OpRegister: fresh[Register],

	message.OpRecall: func(*Owner) Operation { return &Announce{full: true} },
	message.OpRecord: func(*Owner) Operation { return &JudgedInspect{full: true} },
	message.OpHeld:   func(*Owner) Operation { return &Account{full: true} },

	message.OpErasures: func(o *Owner) Operation { return &Remembered{Partitions: o.Partitions} },
}

func fresh[T any, O interface {
	*T
	Operation
}](*Owner) Operation {
	return O(new(T))
}

// Codes are those of the operations that Answer knows.
func Codes() iter.Seq[byte] { return maps.Keys(operations) }

// spare are operations on many, by their codes: the next one uses their memory.
var spare [1 << 8]sync.Pool

// Answer carries out what another node asks, by one of Codes.
func (o *Owner) Answer(ctx context.Context, code byte, d *message.Reader) ([]byte, error) {
	op, again := spare[code].Get().(Operation)
	if !again {
		op = operations[code](o)
	}
	op.decode(d)
	if err := d.End(); err != nil {
		return nil, err
	}
	op.carryOut(ctx, o)
	answer := op.appendAnswer(nil)
	if m, ok := op.(interface{ isLarge() bool }); ok && !m.isLarge() {
		spare[code].Put(op)
	}
	return answer, nil
}
