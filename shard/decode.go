package shard

import (
	"errors"
	"fmt"

	"github.com/scaiwave/presence/shard/codec"
)

// ErrSnapshot is wrapped by every complaint about a snapshot.
var ErrSnapshot = errors.New("shard: bad snapshot")

// incoming is a participant of a snapshot, as ticks of the receiver.
type incoming struct {
	id              string
	override        Override
	overrideVersion Version
	frozen          Tick
	kind            Kind
	kindVersion     Version
	windows         []incomingWindow
	devices         []incomingDevice
}

type incomingWindow struct {
	peer string
	at   int64
}

type incomingDevice struct {
	id       string
	status   status
	activity Activity
	session  Version
	flips    uint16
	lastSign Tick
	until    Tick // of the linger
}

// reader takes a snapshot or records apart.
type reader struct {
	codec.Reader
	now  Tick
	asOf Tick    // when the ages were taken
	top  Version // highest seen
}

func newReader(now, late Tick, b []byte) reader {
	return reader{Reader: codec.NewReader(b, ErrSnapshot), now: now, asOf: max(now, late+1) - late}
}

func (r *reader) version(what string) Version {
	v := Version(r.Uvarint(1<<64-1, what))
	r.top = max(r.top, v)
	return v
}

// sign reads the age of a sign of life. One from before the receiver's first representable tick
// counts as unknown.
func (r *reader) sign(what string) Tick {
	age := r.Uvarint(uint64(never), what)
	if age == 0 || age-1 >= uint64(r.asOf) {
		return 0
	}
	return r.asOf - Tick(age-1)
}

// participant reads one; check with err before using it.
func (r *reader) participant() (in incoming) {
	in.id = r.Valid(ValidateInnerID)
	in.override = Override(r.OneOf(len(overrideNames), "override"))
	in.overrideVersion = r.version("override version")
	in.frozen = r.sign("age of the freeze")
	in.kind = Kind(r.OneOf(len(kindNames), "kind"))
	in.kindVersion = r.version("kind version")
	for n := r.Uvarint(uint64(r.Left()), "number of windows"); n > 0 && r.Err() == nil; n-- {
		in.windows = append(in.windows, incomingWindow{r.Valid(ValidateInnerID), r.windowTime()})
	}
	for r.OneOf(2, "device mark") == 1 && r.Err() == nil {
		in.devices = append(in.devices, r.device())
	}
	return in
}

func (r *reader) device() (in incomingDevice) {
	in.id = r.Valid(ValidateDevice)
	if in.status = status(r.OneOf(int(inherited)+1, "device status")); in.status == free {
		r.Failf("device status is 0")
	}
	in.activity = Activity(r.OneOf(len(activityNames), "activity"))
	in.session = r.version("session")
	in.flips = uint16(r.Uvarint(1<<16-1, "flips"))
	in.lastSign = r.sign("age of a sign of life")
	in.until = r.now + Tick(r.Uvarint(uint64(never-r.now), "linger"))
	return in
}

// windowTime reads the time of a message.
func (r *reader) windowTime() int64 {
	at := r.Varint("time of a window")
	if at < -maxMillis || at > maxMillis {
		r.Failf("time of a window is out of range")
		return 0
	}
	return at
}

// maxMillis is more than the Unix milliseconds of any message: sums of some fit in 64 bits.
const maxMillis = 1 << 53

// erasures reads as many as come first.
func (r *reader) erasures() (all []Erasure) {
	for n := r.Uvarint(uint64(r.Left()), "number of erasures"); n > 0 && r.Err() == nil; n-- {
		all = append(all, r.erasure())
	}
	return all
}

func (r *reader) erasure() (e Erasure) {
	e.Hash = r.Uint64()
	copy(e.Sum[:], r.Take(len(e.Sum)))
	e.Version = r.version("version of an erasure")
	e.At = int64(r.Uvarint(maxMillis, "time of an erasure"))
	e.Newest = e.At + int64(r.Uvarint(maxMillis, "time of the newest message"))
	return e
}

// taking is given what a snapshot says.
type taking struct {
	erase  func([]Erasure) // all, before anything else
	visit  func(id Version, in incoming)
	extra  func(in incomingExtra)
	opaque func(in opaque)
	said   func(in saying)
}

// readSnapshot gives all of a snapshot to take, after the id is known.
func readSnapshot(now, late Tick, b []byte, take taking) (id, top Version, err error) {
	b, extras, err := Parts(b)
	if err != nil {
		return 0, 0, err
	}
	if id, top, err = readParticipants(now, late, b, take); err != nil {
		return id, top, err
	}
	others, err := readExtras(now, late, extras, taker{
		account: func(in incoming) { take.visit(id, in) },
		window:  func(string, incomingWindow) {}, // those of a snapshot are with their participants
		extra:   take.extra,
		opaque:  take.opaque,
		said:    take.said,
	})
	return id, max(top, others), err
}

// readParticipants reads a snapshot of a format before extendedFormat.
func readParticipants(now, late Tick, b []byte, take taking) (id, top Version, err error) {
	r := newReader(now, late, b)
	format := r.Byte()
	if format != snapshotFormat && format != formerFormat {
		r.Failf("format %d, want %d", format, snapshotFormat)
	}
	id = Version(r.Uvarint(1<<64-1, "snapshot id"))
	if format == snapshotFormat {
		if all := r.erasures(); r.Err() == nil {
			take.erase(all)
		}
	}
	for n := r.Uvarint(uint64(len(b)), "number of participants"); n > 0 && r.Err() == nil; n-- {
		if in := r.participant(); r.Err() == nil {
			take.visit(id, in)
		}
	}
	return id, r.top, r.End()
}

// CheckSnapshot reads a snapshot and changes nothing: nil says that no partition will refuse it.
func CheckSnapshot(now Tick, b []byte, ceiling Version) error {
	_, err := checkSnapshot(now, b, ceiling)
	return err
}

func checkSnapshot(now Tick, b []byte, ceiling Version) (id Version, err error) {
	id, top, err := readSnapshot(now, 0, b, taking{
		func([]Erasure) {}, func(Version, incoming) {}, func(incomingExtra) {}, func(opaque) {}, func(saying) {},
	})
	if err == nil {
		err = checkCeiling(top, ceiling)
	}
	return id, err
}

func checkCeiling(top, ceiling Version) error {
	if top > ceiling {
		return fmt.Errorf("%w: %w: %d is above %d", ErrSnapshot, ErrVersionAhead, top, ceiling)
	}
	return nil
}
