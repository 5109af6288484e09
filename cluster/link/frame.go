package link

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/scaiwave/presence/shard/codec"
)

// Class is what a connection is for.
type Class uint8

// The classes.
const (
	Hot    Class = iota // heartbeats, fetches, writes
	Events              // interest, changes, evictions
	Bulk                // replication, hand-off
	classes
)

// Classes are all the classes.
var Classes = []Class{Hot, Events, Bulk}

var classNames = [classes]string{"hot", "events", "bulk"}

func (c Class) String() string {
	if c < classes {
		return classNames[c]
	}
	return fmt.Sprintf("Class(%d)", c)
}

func parseClass(name string) (Class, error) {
	for c, n := range classNames {
		if n == name {
			return Class(c), nil
		}
	}
	return 0, fmt.Errorf("class %.20q; must be one of %q", name, classNames)
}

// MaxBulk is the largest payload of a frame of Bulk. A snapshot of a partition must fit: it can't
// be split.
const MaxBulk = 128 << 20

// maxFrame is the largest payload of a frame, by class.
var maxFrame = [classes]int{4 << 20, 16 << 20, MaxBulk}

// maxQueued is how many bytes may wait in an outbox, by class.
var maxQueued = [classes]int{16 << 20, 64 << 20, 256 << 20}

// A message is any number of frames: kind, method, id of the call, length of the payload, payload.
const headerSize = 1 + 1 + 4 + 4

type kind uint8

const (
	kindAlive kind = iota // a pulse; the id is for how many milliseconds the peer was missed
	kindPush              // wants no answer
	kindCall
	kindReply
	kindFailure // the answer to a call that failed; the payload says why
	kindBusy    // the answer to a call for which there was no place
	kinds
)

type frame struct {
	kind    kind
	method  byte
	id      uint32
	payload []byte
}

func appendHeader(b []byte, k kind, method byte, id uint32, size int) []byte {
	b = append(b, byte(k), method)
	b = binary.BigEndian.AppendUint32(b, id)
	return binary.BigEndian.AppendUint32(b, uint32(size))
}

var errFrame = errors.New("link: damaged frame")

// cutFrame takes the first frame off a message.
func cutFrame(b []byte) (f frame, rest []byte, err error) {
	r := codec.NewReader(b, errFrame)
	f = frame{kind: kind(r.OneOf(int(kinds), "kind")), method: r.Byte(), id: r.Uint32()}
	f.payload = r.Bytes()
	rest = r.Rest()
	return f, rest, r.Err()
}
