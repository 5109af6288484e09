package link

import (
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/unproven"
)

// Stats are counters of all connections of a node.
type Stats struct {
	Full    atomic.Int64 // frames or items refused, or connections closed, because an outbox was full
	Refused atomic.Int64 // nodes that were refused at the handshake
	Dialed  atomic.Int64 // connections made
	Lost    atomic.Int64 // connections that ended while they were wanted

	Unproven unproven.Counts // connections to the peer port, before they are a link

	lanes [lanes]laneStats
}

// LaneFigures are those of a lane, over all connections of a node.
type LaneFigures struct {
	Running int64 // calls that run here
	Limit   int   // how many may, for one connection
	Refused int64 // calls refused because as many ran
}

// Lanes are the figures by the name of the lane.
func (s *Stats) Lanes() map[string]LaneFigures {
	all := make(map[string]LaneFigures, lanes)
	for l := range lanes {
		all[l.String()] = LaneFigures{s.lanes[l].running.Load(), maxCalls[l], s.lanes[l].refused.Load()}
	}
	return all
}

// laneStats are the counters of a lane.
type laneStats struct{ running, refused atomic.Int64 }
