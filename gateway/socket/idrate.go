package socket

import (
	"bytes"
	"slices"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// admitIDs checks the ids of a message and counts those that its bytes haven't paid for.
func (c *conn) admitIDs(m *message) error {
	if err := c.checkIDs(m.ids); err != nil {
		return err
	}
	return c.payIDs(len(m.ids)-m.paid, m.at)
}

// payIDs counts n ids against the participant's rate. A client that comes back before the time it
// was told goes on, as one over its message rate does. One that waits does not, even if another of
// the participant's connections was quicker.
func (c *conn) payIDs(n int, now time.Duration) error {
	cfg := &c.srv.cfg
	if n <= 0 || !c.welcomed || c.service || cfg.TakeIDs == nil {
		return nil
	}
	wait := cfg.TakeIDs(c.tenure.participant, n, c.srv.start.Add(now))
	if wait == 0 {
		return nil
	}
	e := wire.Errorf(wire.RateLimited,
		"the participant's connections and requests name more ids a second than they may; wait %v",
		(wait + time.Millisecond).Truncate(time.Millisecond))
	if now >= c.idsFrom {
		c.idsFrom = now + wait
		return e
	}
	if c.flood.over(now) >= cfg.FloodTime {
		return &fatal{closeRateLimited, e}
	}
	return e
}

// plainReq is the `req` of a message that is refused without being decoded, where it is written as
// every program writes it; otherwise empty. Within a string its quotes would be escaped, so the
// pattern is a member's name or no JSON.
func plainReq(data []byte) string {
	_, rest, _ := bytes.Cut(data, []byte(`"req":"`))
	req, _, ok := bytes.Cut(rest[:min(len(rest), maxReq+1)], []byte(`"`))
	if !ok || bytes.IndexByte(req, '\\') >= 0 {
		return ""
	}
	return string(req)
}

// checkIDs refuses a list that is too long or holds what cannot be an id.
func (c *conn) checkIDs(ids []string) error {
	if limit := c.srv.cfg.MaxIDs; len(ids) > limit {
		return wire.Errorf(wire.TooManyIDs,
			"more than %d ids in one message, which is the limit; send several messages",
			limit)
	}
	for _, id := range ids {
		if err := shard.ValidateParticipant(id); err != nil {
			return err
		}
	}
	return nil
}

// distinct returns ids without repetitions, in order.
func distinct(ids []string) []string {
	seen := make(map[string]struct{}, len(ids))
	return slices.DeleteFunc(ids, func(id string) bool {
		_, again := seen[id]
		seen[id] = struct{}{}
		return again
	})
}
