package socket

import "github.com/scaiwave/presence/gateway/admit"

// strangers is whose share frames before hello draw on, all together; no participant has such an id.
const strangers = " "

// idBytes is what an id of a message takes besides its text: strings, the maps that find repetitions,
// places, states; BenchmarkMessages counts it.
const idBytes = 256

// room takes memory for a frame of up to size bytes. A frame that has begun waits as long as a write
// would for an owner: refused, it would only be sent again.
func (c *conn) room(hold *admit.Hold, size int) error {
	cfg := &c.srv.cfg
	if cfg.Memory == nil {
		return nil
	}
	if hold.Bytes() == 0 {
		*hold = cfg.Memory.Hold(c.holder())
	}
	load := admit.Load{Shortest: len(`"a",`), Most: cfg.MaxMessageIDs, Each: idBytes}
	return hold.Take(c.srv.ctx, load.Weight(size)-hold.Bytes(), cfg.WaitTimeout)
}

func (c *conn) holder() string {
	switch {
	case !c.welcomed:
		return strangers
	case c.service:
		return ""
	default:
		return c.participant
	}
}
