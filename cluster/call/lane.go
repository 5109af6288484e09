package call

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
)

// Lane is what a call waits for at the node that is asked, by its operation.
func Lane(op byte, payload []byte) link.Lane {
	if op == message.OpPassed && len(payload) > 0 {
		op = payload[0]
	}
	switch op {
	case message.OpOnward:
		return onwardLane(payload)
	case message.OpDetach, message.OpGoodbye, message.OpSignOut, message.OpOverride, message.OpKind, message.OpWindow,
		message.OpErase, message.OpStrike, message.OpEdges, message.OpBlock, message.OpVisibility,
		message.OpStatus, message.OpClaim, message.OpPick, message.OpRegister:
		return link.LaneWrite
	case message.OpHoldings, message.OpTake, message.OpReplicate, message.OpSettled, message.OpBehind,
		message.OpErasures:
		return link.LaneBulk
	default:
		return link.LaneQuick
	}
}

// onwardLane keeps what is passed on for a write from holding the places of heartbeats and reads,
// too.
func onwardLane(payload []byte) link.Lane {
	d := message.NewReader(payload)
	d.Text()
	d.Uint32()
	if Lane(d.Byte(), nil) == link.LaneQuick {
		return link.LaneOnward
	}
	return link.LaneOnwardSlow
}
