package link

import (
	"fmt"
)

// Lane is a kind of calls, by what they wait for. Each has places of its own on a connection, so
// that a call that waits for a third node or a disk never holds the place of a heartbeat or a read.
type Lane uint8

// The lanes.
const (
	LaneQuick      Lane = iota // heartbeats and reads: answered from memory
	LaneWrite                  // writes: a backup and a disk must have them first
	LaneBulk                   // hand-off and replication: whole partitions, and the disk
	LaneOnward                 // quick calls for another node, which this one passes on
	LaneOnwardSlow             // the other calls for another node
	lanes
)

var laneNames = [lanes]string{"quick", "write", "bulk", "onward", "onward_slow"}

func (l Lane) String() string {
	if l < lanes {
		return laneNames[l]
	}
	return fmt.Sprintf("Lane(%d)", l)
}

// maxCalls is how many calls of a lane may run for one connection. One more is refused at once
// (ErrBusy, counted). If the reader waited instead, heartbeats would wait behind writes.
var maxCalls = [lanes]int{1024, 1024, 64, 256, 256}

// places are those of a connection: by lane, a slot for each call that may run.
type places [lanes]chan struct{}

func newPlaces() (p places) {
	for l := range p {
		p[l] = make(chan struct{}, maxCalls[l])
	}
	return p
}

// take takes a place in a lane. It reports whether there was one.
func (p *places) take(l Lane) bool {
	select {
	case p[l] <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p *places) give(l Lane) { <-p[l] }
