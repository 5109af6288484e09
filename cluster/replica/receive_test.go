package replica

import (
	"bytes"
	"testing"

	"github.com/scaiwave/presence/cluster/message"
)

// TestAnswers: each shipment has an answer of its own; a disk that fails makes a difference only
// for what was taken.
func TestAnswers(t *testing.T) {
	payload := appendCall(7, []Shipment{{Partition: 1, Kind: Whole, Bytes: []byte("all")}, {Partition: 2}})
	for name, tc := range map[string]struct {
		refuses, sick bool
		want          []byte
	}{
		"taken":                {false, false, []byte{answerKept, answerRefused}},
		"a sick disk":          {false, true, []byte{answerGot, answerRefused}},
		"refused":              {true, false, []byte{answerRefused, answerRefused}},
		"refused, a sick disk": {true, true, []byte{answerRefused, answerRefused}},
	} {
		var b backup // which takes one of each call only
		b.refuses.Store(tc.refuses)
		b.sick.Store(tc.sick)
		got, err := b.answer(t.Context(), payload)
		if err != nil || !bytes.Equal(got, tc.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tc.want)
		}
	}
}

// TestDamagedCalls: what can't be read is refused as a whole.
func TestDamagedCalls(t *testing.T) {
	whole := appendCall(7, []Shipment{{Partition: 1, Kind: Partial, Bytes: []byte("all")}})
	for n := range whole {
		if _, err := new(backup).answer(t.Context(), whole[:n]); err == nil {
			t.Errorf("the first %d bytes of %d are taken", n, len(whole))
		}
	}
	for name, b := range map[string][]byte{
		"another partition": appendCall(7, []Shipment{{Partition: 4}}),
		"another kind":      appendCall(7, []Shipment{{Kind: Extended + 1}}),
		"more of them":      append(message.AppendUint32(message.AppendUint64(nil, 7), 1<<30), whole[12:]...),
		"something after":   append(whole, 0),
	} {
		if _, err := new(backup).answer(t.Context(), b); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
