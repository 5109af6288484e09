package shard

// arena keeps names as a length byte and the bytes. A participant's name and those of its devices,
// in the order of the device list, stand one after the other: a heartbeat by name reads one or two
// cache lines, and a device needs no offset of its own. What is dropped is only counted; moving the
// living to a new array gets it back.
type arena struct {
	bytes []byte
	dead  int
}

const maxArena = 1<<32 - 1<<16 // offsets are 32 bits

// name is the one at an offset.
func (a *arena) name(at uint32) []byte {
	n := uint32(a.bytes[at])
	return a.bytes[at+1 : at+1+n : at+1+n]
}

// after is the offset behind the name at an offset.
func (a *arena) after(at uint32) uint32 { return at + 1 + uint32(a.bytes[at]) }

func (a *arena) equal(at uint32, id string) bool {
	return int(a.bytes[at]) == len(id) && string(a.bytes[at+1:at+1+uint32(len(id))]) == id
}

// fits reports whether n more bytes can be had without making a new array.
func (a *arena) fits(n int) bool { return len(a.bytes)+n <= cap(a.bytes) }

// push appends a name to what stands last.
func (a *arena) push(id string) uint32 {
	at := uint32(len(a.bytes))
	a.bytes = append(append(a.bytes, byte(len(id))), id...)
	return at
}

// last moves the bytes from-to to the end, so that a name can be pushed behind them.
func (a *arena) last(from, to uint32) uint32 {
	if int(to) == len(a.bytes) {
		return from
	}
	at := uint32(len(a.bytes))
	a.bytes = append(a.bytes, a.bytes[from:to]...)
	a.dead += int(to - from)
	return at
}

// cut removes the name at an offset and moves what follows, up to end, to its place.
func (a *arena) cut(at, end uint32) {
	n := int(a.after(at) - at)
	copy(a.bytes[at:end], a.bytes[a.after(at):end])
	a.dead += n
}

// worn says that moving the living is worth more than growing.
func (a *arena) worn() bool { return a.dead > len(a.bytes)/32 }
