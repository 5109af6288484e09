package ask

import (
	"testing"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/host"
)

// TestRememberedIsReadAnew: an answer that came by another way after a damaged one counts alone.
func TestRememberedIsReadAnew(t *testing.T) {
	answer := (&Remembered{News: []host.Remembered{{Partition: 1}, {Partition: 2}}}).appendAnswer(nil)
	op := Remembered{Partitions: 4}
	for range 2 {
		d := message.NewReader(answer)
		if op.decodeAnswer(d); d.End() != nil || len(op.News) != 2 {
			t.Errorf("%v, %v", op.News, d.End())
		}
	}
}
