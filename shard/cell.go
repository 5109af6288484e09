package shard

import "math/bits"

// cell is one exception of a participant, or a part of one: 16 bytes. The cells of a participant
// are in order, by the hash of the viewer and then by kind.
type cell struct {
	hash uint64 // of the viewer, see Settings.Viewer
	word uint64 // the kind, and above it the slot of the record, the version, or the time
}

// The kinds of cells, in their order. A viewer has at most one window, one block, and one edge with
// its end. Of one version the greater kind counts: see mergeEdge.
const (
	cellOver      = iota // it means nothing, and goes in a moment
	cellWindow           // an open window; the slot is that of its record
	cellUnblocked        // it was blocked once; the version is that of the end of that
	cellBlocked          // it is blocked; the slot is that of the record
	cellAllowed          // an edge allows; with its version
	cellForgotten        // there was an edge
	cellDenied           // an edge denies; with its version
	cellEnd              // when the edge before it ends, in Unix milliseconds

	kindBits = 3
	kindMask = 1<<kindBits - 1
)

func (c cell) kind() int { return int(c.word & kindMask) }

// slot is where the record of a cell is.
func (c cell) slot() uint32 { return uint32(c.word >> kindBits) }

// wordOf is the word of a cell with a version, whose low bits are cleared. Of two words of one
// thing the greater is the newer.
func wordOf(v Version, kind int) uint64 { return uint64(v)&^kindMask | uint64(kind) }

func windowCell(hash uint64, slot uint32) cell {
	return cell{hash, uint64(slot)<<kindBits | cellWindow}
}

// nobody stands for the cells of a participant that has none. It is looked through likewise, so
// that a look-up takes as long.
var nobody [1]cell

// corrections is how often a guess is made better. Hashes are spread evenly, so a cell is where its
// hash says, but for the square root of half their number; the next guess is off by the square root
// of that. After two, of 10,000 cells, it is one or two.
const corrections = 2

// placeOf is where the cells of a hash begin, or would. cells are not empty.
func placeOf(cells []cell, hash uint64) int {
	n := uint64(len(cells))
	at, _ := bits.Mul64(hash, n)
	for range corrections {
		if here := cells[at].hash; here < hash {
			by, _ := bits.Mul64(hash-here, n)
			at = min(at+by, n-1)
		} else {
			by, _ := bits.Mul64(here-hash, n)
			at -= min(by, at)
		}
	}
	for at < n && cells[at].hash < hash {
		at++
	}
	for at > 0 && cells[at-1].hash >= hash {
		at--
	}
	return int(at)
}

func isBlocked(c cell) bool { return c.hash != noViewer && c.kind() == cellBlocked }

func isBlock(c cell) bool { return c.kind() == cellBlocked || c.kind() == cellUnblocked }
