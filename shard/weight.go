package shard

import "encoding/binary"

// A partition goes to another node in one message, which has a limit. With ids of 193 bytes and
// 10,000 exceptions a participant's take 2 MB, and some 60 of those in one partition would be more
// than can be sent: it could neither be copied nor moved. So all exceptions of a partition together
// have Settings.MaxWeight. At the limit nothing new is stored, and the outcome is Full. What comes
// from another account is always taken in: two nodes that did not see each other may have had as
// much each.
//
//	two accounts of 32 MiB           64 MiB, and as much for participants, devices and erasures:
//	what a frame has (cluster/link)  128 MiB

// What an exception takes in a snapshot at most, besides a name.
const (
	markWeight  = 8 + 2*binary.MaxVarintLen64 // an edge with its end, or what is remembered as forgotten
	namedWeight = 1 + binary.MaxVarintLen64   // a block or a window
)

// weigh is what a cell takes in a snapshot at most. An end is counted with its edge.
func (p *Partition) weigh(c cell) int {
	switch {
	case c.hash == noViewer || c.kind() == cellEnd || c.kind() == cellOver:
		return 0
	case c.kind() == cellWindow:
		return namedWeight + len(p.names.name(p.windows.at(c.slot()).peer))
	case isBlocked(c):
		return namedWeight + len(p.nameOfBlock(c))
	default:
		return markWeight
	}
}

// isHeavy reports whether a partition takes no more exceptions.
func (p *Partition) isHeavy() bool {
	return p.settings.MaxWeight > 0 && p.weight >= p.settings.MaxWeight
}

// hasAny reports whether a participant has a cell for a viewer for which is is true.
func (p *Partition) hasAny(who uint32, hash uint64, is func(c cell) bool) bool {
	l := p.listOf(who)
	if l == nil {
		return false
	}
	_, found := p.cells.first(l, hash, is)
	return found
}
