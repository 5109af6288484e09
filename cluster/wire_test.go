package cluster

import (
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// FuzzMessages gives a node what a peer could send. Whatever comes is answered or refused, and
// changes nothing that must hold.
func FuzzMessages(f *testing.F) {
	peer := link.Name{ID: "n1", Boot: "1"}
	person := append(codec.AppendText(codec.AppendText(nil, "ada"), "tab"), 1)
	f.Add(message.OpAttach, person)
	f.Add(message.OpAnnounce, append(message.AppendUint64(person, 7), make([]byte, 9)...))
	f.Add(message.OpFlip, append(message.AppendHandle(nil, host.Handle{Partition: 3}), 1))
	f.Add(message.OpOverride, append(codec.AppendText(nil, "ada"), 2))
	f.Add(message.OpWindow, message.AppendUint64(codec.AppendText(codec.AppendText(nil, "ada"), "ben"), 5))
	f.Add(message.OpStates, message.AppendTexts(codec.AppendText(nil, "ben"), []string{"ada", "cleo"}))
	f.Add(message.OpHeartbeats, append(message.AppendUint32(nil, 1), person...))
	f.Add(message.OpFigures, []byte(nil))
	f.Add(message.OpHoldings, message.AppendUint64(nil, 9))
	f.Add(message.OpTake, codec.AppendBytes(message.AppendUint16(message.AppendUint64(nil, 9), 1), []byte{1, 2}))
	record := message.AppendUint16(message.AppendUint32(message.AppendUint64(nil, 1), 1), 1)
	f.Add(message.OpReplicate, codec.AppendBytes(append(record, 1), []byte{1, 0, 0}))
	f.Add(message.OpSettled, message.AppendPartitions(nil, []int{1, 2}))
	f.Add(message.OpForget, message.AppendTexts(nil, []string{"ben", "cleo"}))
	f.Add(message.OpExceptions, make([]byte, 2*message.ExceptionSize))
	n := stillNode(f)
	n.SetSink(newNotebook())
	for p := range 2 { // the others it doesn't serve
		n.host.Serve(p)
		n.replica.Assign(p, link.Name{}) // a fact would wait for a backup as long as it may
	}
	f.Fuzz(func(t *testing.T, op byte, payload []byte) {
		switch op {
		case message.OpExceptions:
			n.devices.takeExceptions(payload)
		default:
			_, _ = n.handler.answer(t.Context(), peer, op, payload)
		}
		if err := n.host.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestDecoderTakesNoMemoryForClaims: a count is believed as far as bytes have come.
func TestDecoderTakesNoMemoryForClaims(t *testing.T) {
	d := message.NewReader(message.AppendUint32(nil, 1<<31-1))
	if got := d.Participants(); len(got) > 0 || d.End() == nil {
		t.Errorf("%d participants from four bytes, %v", len(got), d.End())
	}
}
