package shard

import (
	"encoding/binary"
	"errors"
	"fmt"
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

// reader takes a snapshot apart. After the first mistake it returns zeros; err says what and where.
type reader struct {
	b    []byte
	at   int
	now  Tick
	asOf Tick    // when the ages were taken
	top  Version // highest seen
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s at byte %d of %d", ErrSnapshot, what, r.at, len(r.b))
	}
}

func (r *reader) byte() byte {
	if r.err != nil || r.at >= len(r.b) {
		r.fail("cut short")
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

// oneOf reads a byte that must be below n.
func (r *reader) oneOf(n int, what string) byte {
	v := r.byte()
	if int(v) >= n {
		r.fail(what + " is unknown")
		return 0
	}
	return v
}

func (r *reader) uvarint(most uint64, what string) uint64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.b[r.at:])
	if n <= 0 || v > most {
		r.fail(what + " is cut short or out of range")
		return 0
	}
	r.at += n
	return v
}

func (r *reader) varint(what string) int64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Varint(r.b[r.at:])
	if n <= 0 {
		r.fail(what + " is cut short or out of range")
		return 0
	}
	r.at += n
	return v
}

func (r *reader) version(what string) Version {
	v := Version(r.uvarint(1<<64-1, what))
	r.top = max(r.top, v)
	return v
}

// sign reads the age of a sign of life. One from before the receiver's first representable tick counts as unknown.
func (r *reader) sign(what string) Tick {
	age := r.uvarint(uint64(never), what)
	if age == 0 || age-1 >= uint64(r.asOf) {
		return 0
	}
	return r.asOf - Tick(age-1)
}

func (r *reader) name(valid func(string) error, what string) string {
	n := int(r.byte())
	if r.err != nil || n > len(r.b)-r.at {
		r.fail(what + " is cut short")
		return ""
	}
	s := string(r.b[r.at : r.at+n])
	if err := valid(s); err != nil {
		r.fail(err.Error())
	}
	r.at += n
	return s
}

// participant reads one; check with err before using it.
func (r *reader) participant() (in incoming) {
	in.id = r.name(ValidateParticipant, "participant id")
	in.override = Override(r.oneOf(len(overrideNames), "override"))
	in.overrideVersion = r.version("override version")
	in.frozen = r.sign("age of the freeze")
	in.kind = Kind(r.oneOf(len(kindNames), "kind"))
	in.kindVersion = r.version("kind version")
	for n := r.uvarint(uint64(len(r.b)), "number of windows"); n > 0 && r.err == nil; n-- {
		in.windows = append(in.windows, incomingWindow{r.name(ValidateParticipant, "peer id"), r.windowTime()})
	}
	for r.oneOf(2, "device mark") == 1 && r.err == nil {
		in.devices = append(in.devices, r.device())
	}
	return in
}

func (r *reader) device() (in incomingDevice) {
	in.id = r.name(ValidateDevice, "device id")
	if in.status = status(r.oneOf(int(inherited)+1, "device status")); in.status == free {
		r.fail("device status is 0")
	}
	in.activity = Activity(r.oneOf(len(activityNames), "activity"))
	in.session = r.version("session")
	in.flips = uint16(r.uvarint(1<<16-1, "flips"))
	in.lastSign = r.sign("age of a sign of life")
	in.until = r.now + Tick(r.uvarint(uint64(never-r.now), "linger"))
	return in
}

// windowTime reads the time of a message.
func (r *reader) windowTime() int64 {
	at := r.varint("time of a window")
	if at < -maxMillis || at > maxMillis {
		r.fail("time of a window is out of range")
		return 0
	}
	return at
}

// maxMillis is more than the Unix milliseconds of any message: sums of some fit in 64 bits.
const maxMillis = 1 << 53

// erasures reads as many as come first.
func (r *reader) erasures() (all []Erasure) {
	for n := r.uvarint(uint64(len(r.b)), "number of erasures"); n > 0 && r.err == nil; n-- {
		all = append(all, r.erasure())
	}
	return all
}

func (r *reader) erasure() (e Erasure) {
	const hashes = 8 + len(e.Sum)
	if r.err != nil || len(r.b)-r.at < hashes {
		r.fail("erasure is cut short")
		return e
	}
	e.Hash = binary.BigEndian.Uint64(r.b[r.at:])
	copy(e.Sum[:], r.b[r.at+8:])
	r.at += hashes
	e.Version = r.version("version of an erasure")
	e.At = int64(r.uvarint(maxMillis, "time of an erasure"))
	e.Newest = e.At + int64(r.uvarint(maxMillis, "time of the newest message"))
	return e
}

// readSnapshot gives erase all erasures, and then calls visit for every participant, after the id is known.
func readSnapshot(now, late Tick, b []byte, erase func([]Erasure), visit func(id Version, in incoming)) (id, top Version, err error) {
	r := reader{b: b, now: now, asOf: max(now, late+1) - late}
	format := r.byte()
	if format != snapshotFormat && format != formerFormat {
		r.fail(fmt.Sprintf("format %d, want %d", format, snapshotFormat))
	}
	id = Version(r.uvarint(1<<64-1, "snapshot id"))
	if format == snapshotFormat {
		if all := r.erasures(); r.err == nil {
			erase(all)
		}
	}
	for n := r.uvarint(uint64(len(b)), "number of participants"); n > 0 && r.err == nil; n-- {
		if in := r.participant(); r.err == nil {
			visit(id, in)
		}
	}
	if r.err == nil && r.at != len(b) {
		r.fail("trailing bytes")
	}
	return id, r.top, r.err
}

// CheckSnapshot reads a snapshot and changes nothing: nil says that no partition will refuse it.
func CheckSnapshot(now Tick, b []byte, ceiling Version) error {
	_, err := checkSnapshot(now, b, ceiling)
	return err
}

func checkSnapshot(now Tick, b []byte, ceiling Version) (id Version, err error) {
	id, top, err := readSnapshot(now, 0, b, func([]Erasure) {}, func(Version, incoming) {})
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
