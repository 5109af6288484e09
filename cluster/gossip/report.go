package gossip

import (
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/codec"
)

// Report is what a member says of its links to others. Gossip tells who lives; only links tell who
// can work together.
type Report struct {
	Apart  bool     // it reaches under half of the nodes that own partitions
	Out    bool     // it is left out of the ring, and some of its links are still broken
	Broken []uint16 // ShortHash of the members to which its links are broken, ascending
}

// MaxBroken is how many broken links a report lists, in 2 bytes each. A node with more lists none,
// and says that it is apart, which then means from all others.
const MaxBroken = 63

// ShortHash is how reports name a member. Among 100 members two have the same hash in one cluster
// of thirteen. That does no harm: a link is broken only if both ends report it, and the member that
// is named by mistake reports none.
func ShortHash(n link.Name) uint16 { return uint16(xxhash.Sum64String(n.String())) }

// Names reports whether r says that the links to a member are broken.
func (r Report) Names(n link.Name) bool {
	_, found := slices.BinarySearch(r.Broken, ShortHash(n))
	return found || r.Apart && len(r.Broken) == 0
}

// Equal reports whether two reports say the same.
func (r Report) Equal(o Report) bool {
	return r.Apart == o.Apart && r.Out == o.Out && slices.Equal(r.Broken, o.Broken)
}

// maxSize is how many bytes a report may take. Metadata leaves room for it from the beginning.
func (Report) maxSize() int { return 1 + 2*MaxBroken }

// The bits of the first byte of a report above the count.
const (
	apartBit = 0x80
	outBit   = 0x40
)

// append writes a byte of two bits and a count, and the hashes.
func (r Report) append(b []byte) []byte {
	head := byte(len(r.Broken))
	if r.Apart {
		head |= apartBit
	}
	if r.Out {
		head |= outBit
	}
	b = append(b, head)
	for _, h := range r.Broken {
		b = binary.BigEndian.AppendUint16(b, h)
	}
	return b
}

func readReport(r *codec.Reader) (out Report) {
	head := r.Byte()
	out.Apart, out.Out = head&apartBit != 0, head&outBit != 0
	n := int(head &^ (apartBit | outBit))
	if n > MaxBroken || 2*n > r.Left() {
		r.Failf("a report of %d broken links", n)
		return Report{}
	}
	for range n {
		out.Broken = append(out.Broken, r.Uint16())
	}
	if !slices.IsSorted(out.Broken) {
		r.Failf("a report that is not in order")
	}
	return out
}
