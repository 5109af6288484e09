package message

import (
	"errors"
	"strings"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// ErrDamaged is wrapped by each error of a message.
var ErrDamaged = errors.New("cluster: damaged message")

// Reader reads a peer's message. After the first mistake it reads zeros: check End, or Err.
type Reader struct{ codec.Reader }

// NewReader reads b.
func NewReader(b []byte) *Reader { return &Reader{codec.NewReader(b, ErrDamaged)} }

// Partition reads the number of one of n partitions.
func (r *Reader) Partition(n int) int {
	p := int(r.Uint16())
	if p >= n {
		r.Failf("partition %d of %d", p, n)
		return 0
	}
	return p
}

// Participant reads the valid id of a participant.
func (r *Reader) Participant() string { return r.Valid(shard.ValidateInnerID) }

// Viewer reads a participant, or an empty text for a stranger.
func (r *Reader) Viewer() string {
	return r.Valid(func(id string) error {
		if id == "" {
			return nil
		}
		return shard.ValidateInnerID(id)
	})
}

// Device reads the valid id of a device.
func (r *Reader) Device() string { return r.Valid(shard.ValidateDevice) }

// Activity reads what a device reports.
func (r *Reader) Activity() shard.Activity {
	return shard.Activity(r.OneOf(int(shard.ActivityOnline)+1, "activity"))
}

// Override reads what a participant has picked.
func (r *Reader) Override() shard.Override {
	return shard.Override(r.OneOf(int(shard.OverrideAppearOffline)+1, "override"))
}

// Said reads what a backend says of a pair.
func (r *Reader) Said() shard.Trust { return shard.Trust(r.OneOf(int(shard.Denied)+1, "trust")) }

// Handle reads what AppendHandle wrote.
func (r *Reader) Handle() host.Handle {
	return host.Handle{Partition: r.Uint16(), Ref: shard.Ref{Slot: r.Uint32(), Generation: r.Uint32()}}
}

// Millis reads a Unix time in milliseconds, of which sums fit.
func (r *Reader) Millis() int64 {
	ms := r.Uint64()
	if ms > 1<<53 {
		r.Failf("a time of %d ms", ms)
		return 0
	}
	return int64(ms)
}

// View reads what AppendView wrote.
func (r *Reader) View() shard.View {
	v := shard.View{
		Public: shard.State(r.Byte()), Inner: shard.State(r.Byte()), Self: shard.State(r.Byte()),
		Override: shard.Override(r.Byte()), Version: shard.Version(r.Uint64()), Order: r.Uint64(),
	}
	more := r.Byte()
	v.Doubt, v.Unseen, v.Closed = more>>7 == 1, shard.State(more<<1>>2), more&1 == 1
	return v
}

// Partitions reads numbers of partitions, each one of of.
func (r *Reader) Partitions(of int) []int {
	out := make([]int, r.Count(2))
	for i := range out {
		out[i] = r.Partition(of)
	}
	return out
}

// Participants reads valid ids.
func (r *Reader) Participants() []string {
	out := make([]string, r.Count(2))
	for i := range out {
		out[i] = r.Participant()
	}
	return out
}

// Words reads a text for people to read.
func (r *Reader) Words() string { return strings.ToValidUTF8(r.Text(), "?") }
