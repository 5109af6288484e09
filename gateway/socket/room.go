package socket

import (
	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
)

// strangers is whose share frames before hello draw on, all together; no participant has such an
// id. It is a part of one: a share may be all the memory that a small node has, and a hello needs
// none, unless its token is over 4 KiB.
const (
	strangers     = " "
	strangersPart = 4
)

// idBytes is what an id of a message takes besides its text: strings, the maps that find
// repetitions, places, states; BenchmarkMessages counts it.
const idBytes = 256

// room takes memory for a frame of up to size bytes. A frame that has begun waits as long as a
// write would for an owner: refused, it would only be sent again.
func (c *conn) room(hold *admit.Hold, size int) error {
	cfg := &c.srv.cfg
	if cfg.Memory == nil {
		return nil
	}
	if hold.Bytes() == 0 {
		*hold = c.newHold()
	}
	c.nc.rest() // it may wait
	return hold.Take(c.srv.ctx, c.load().Weight(size)-hold.Bytes(), cfg.WriteWait)
}

// seenRoom takes memory for the statuses of n participants, beside what the frame has.
func (c *conn) seenRoom(hold *admit.Hold, n int) error {
	cfg, size := &c.srv.cfg, int64(n)*wire.StatusBytes
	if cfg.Memory == nil || size <= admit.SmallBytes {
		return nil
	}
	if hold.Bytes() == 0 {
		*hold = c.newHold()
	}
	if hold.Take(c.srv.ctx, size, cfg.WriteWait) != nil {
		return wire.Errorf(wire.Unavailable, "no memory is left for so many statuses; send it again, or ask for fewer")
	}
	return nil
}

func (c *conn) newHold() admit.Hold {
	memory := c.srv.cfg.Memory
	switch {
	case !c.welcomed:
		return memory.HoldPart(strangers, strangersPart)
	case c.service:
		return memory.HoldAll(string(c.tenant().Participant(""))) // without a tenant it has no share
	default:
		return memory.Hold(string(c.tenure.participant))
	}
}

// load is what a frame makes of itself; a hello has no ids.
func (c *conn) load() admit.Load {
	if !c.welcomed {
		return admit.Load{}
	}
	return admit.Load{
		Shortest: len(`"a",`), Most: c.srv.cfg.MaxIDs, Each: idBytes, Front: c.tenant().Front(),
	}
}
