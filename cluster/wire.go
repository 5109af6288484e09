package cluster

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// What nodes ask of each other, by the class of connection.
const (
	// Hot calls.
	opAttach byte = iota + 1
	opAnnounce
	opFlip
	opDetach
	opGoodbye
	opSignOut
	opOverride
	opKind
	opWindow
	opInspect
	opStates
	opHeartbeats
	// Hot pushes.
	opBeats      // to the owner: items of beatSize
	opExceptions // from the owner: items of exceptionSize
	// Events: calls and pushes of a gateway.
	opWatch
	opUnwatch
	// Events: pushes of an owner.
	opUpdates
	opEviction
	opMoved
	// Bulk calls.
	opHoldings
	opTake
	opReplicate
	opSettled
	opBehind
	// Hot calls that came later; the numbers of the others stay.
	opFigures
	opGlimpse // opWatch without the watching
	// Calls of every class.
	opOnward // to be passed on: name of a node, milliseconds, op, payload
	opPassed // passed on: op, name of who asks, payload
	// Hot calls that came later still.
	opDisk // what is wrong with the asker's disk
	opRest // a device whose socket only answers pings
	// Of erasures: hot calls, and bulk ones.
	opErase
	opStrike   // forget what is there of erased participants
	opErasures // those that are remembered; bulk
	opAccount  // all that is known of a participant; bulk
)

// A heartbeat on the link is partition, slot, generation and the gateway's token; the answer to one that didn't count is
// token and outcome.
const (
	beatSize      = 2 + 4 + 4 + 4
	exceptionSize = 4 + 1
)

var errMessage = errors.New("cluster: damaged message")

// decoder reads a peer's message. After the first error it gives zeros.
type decoder struct {
	b      []byte
	err    error
	shared string // empty: each text has memory of its own
}

// share makes texts parts of one string from here on, which is cheaper for many: who keeps one of them keeps the message.
func (d *decoder) share() { d.shared = string(d.b) }

func (d *decoder) take(n int) []byte {
	if d.err != nil || n < 0 || n > len(d.b) {
		if d.err == nil {
			d.err = fmt.Errorf("%w: %d bytes wanted, %d left", errMessage, n, len(d.b))
		}
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint16() uint16 {
	if b := d.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// count reads how many items follow, of which each has at least size bytes: memory is taken for no more than came.
func (d *decoder) count(size int) int {
	n := int(d.uint32())
	if d.err == nil && n > len(d.b)/size {
		d.err = fmt.Errorf("%w: %d items claimed in %d bytes", errMessage, n, len(d.b))
	}
	if d.err != nil {
		return 0
	}
	return n
}

func (d *decoder) bytes() []byte { return d.take(int(d.uint32())) }

// text reads a text with a length of one byte.
func (d *decoder) text() string {
	size := int(d.byte())
	at := len(d.shared) - len(d.b)
	b := d.take(size)
	if d.shared == "" || b == nil {
		return string(b)
	}
	return d.shared[at : at+size]
}

// partition reads the number of one of n partitions.
func (d *decoder) partition(n int) int {
	p := int(d.uint16())
	if d.err == nil && p >= n {
		d.err = fmt.Errorf("%w: partition %d of %d", errMessage, p, n)
	}
	if d.err != nil {
		return 0
	}
	return p
}

func (d *decoder) participant() string {
	s := d.text()
	if d.err == nil {
		d.err = shard.ValidateParticipant(s)
	}
	return s
}

// viewer reads a participant, or nobody.
func (d *decoder) viewer() string {
	s := d.text()
	if d.err == nil && s != "" {
		d.err = shard.ValidateParticipant(s)
	}
	return s
}

func (d *decoder) device() string {
	s := d.text()
	if d.err == nil {
		d.err = shard.ValidateDevice(s)
	}
	return s
}

func (d *decoder) activity() shard.Activity {
	a := shard.Activity(d.byte())
	if d.err == nil && a > shard.ActivityOnline {
		d.err = fmt.Errorf("%w: %v", errMessage, a)
	}
	return a
}

func (d *decoder) override() shard.Override {
	o := shard.Override(d.byte())
	if d.err == nil && o > shard.OverrideAppearOffline {
		d.err = fmt.Errorf("%w: %v", errMessage, o)
	}
	return o
}

func (d *decoder) kindOfShipment() byte {
	k := d.byte()
	if d.err == nil && k > shipPartial {
		d.err = fmt.Errorf("%w: shipment of kind %d", errMessage, k)
	}
	return k
}

func (d *decoder) handle() host.Handle {
	return host.Handle{Partition: d.uint16(), Ref: shard.Ref{Slot: d.uint32(), Generation: d.uint32()}}
}

func (d *decoder) view() shard.View {
	return shard.View{
		Public: shard.State(d.byte()), Inner: shard.State(d.byte()), Self: shard.State(d.byte()),
		Override: shard.Override(d.byte()), Version: shard.Version(d.uint64()), Order: d.uint64(),
	}
}

// end is the error of the whole message.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		return fmt.Errorf("%w: %d bytes too many", errMessage, len(d.b))
	}
	return d.err
}

func appendUint16(b []byte, n int) []byte    { return binary.BigEndian.AppendUint16(b, uint16(n)) }
func appendUint32(b []byte, n int) []byte    { return binary.BigEndian.AppendUint32(b, uint32(n)) }
func appendUint64(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }
func appendText(b []byte, s string) []byte   { return append(append(b, byte(len(s))), s...) }
func appendBytes(b, s []byte) []byte         { return append(appendUint32(b, len(s)), s...) }

func appendHandle(b []byte, h host.Handle) []byte {
	b = binary.BigEndian.AppendUint16(b, h.Partition)
	b = binary.BigEndian.AppendUint32(b, h.Ref.Slot)
	return binary.BigEndian.AppendUint32(b, h.Ref.Generation)
}

func appendView(b []byte, v *shard.View) []byte {
	b = append(b, byte(v.Public), byte(v.Inner), byte(v.Self), byte(v.Override))
	return appendUint64(appendUint64(b, uint64(v.Version)), v.Order)
}

func appendPartitions(b []byte, partitions []int) []byte {
	b = appendUint32(b, len(partitions))
	for _, p := range partitions {
		b = appendUint16(b, p)
	}
	return b
}

func (d *decoder) partitions(of int) []int {
	out := make([]int, d.count(2))
	for i := range out {
		out[i] = d.partition(of)
	}
	return out
}

func appendTexts(b []byte, texts []string) []byte {
	b = appendUint32(b, len(texts))
	for _, s := range texts {
		b = appendText(b, s)
	}
	return b
}

func (d *decoder) participants() []string {
	out := make([]string, d.count(2))
	for i := range out {
		out[i] = d.participant()
	}
	return out
}
