package call

import (
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/codec"
)

// TestOnwardLanes: what is passed on for writes holds no place of heartbeats and reads.
func TestOnwardLanes(t *testing.T) {
	for op, want := range map[byte]link.Lane{
		message.OpStates: link.LaneOnward, message.OpAnnounce: link.LaneOnward, message.OpOverride: link.LaneOnwardSlow,
		message.OpReplicate: link.LaneOnwardSlow,
	} {
		payload := append(message.AppendUint32(codec.AppendText(nil, "n9~1"), 1000), op)
		if got := Lane(message.OpOnward, payload); got != want {
			t.Errorf("operation %d is passed on in lane %v, want %v", op, got, want)
		}
		if got := Lane(message.OpPassed, append([]byte{op}, payload...)); got != Lane(op, nil) {
			t.Errorf("operation %d that was passed on is in lane %v", op, got)
		}
	}
}
