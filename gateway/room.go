package gateway

import (
	"errors"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
)

// Room for requests. A request holds what its text will take in all from before the text is read
// until it is answered, on whichever way that ends.
//
//	token, rate ─▶ room(Content-Length) ─▶ read, decode, ask, answer ─▶ Release
//	                 │                          └ chunked: room for the next piece, before it is read
//	                 └ taken: wait a second for others, then `unavailable`; the share: at once
const (
	sharesOfAll = 4 // a participant may hold a quarter
	tenantsPart = 2 // the backends of a tenant may hold half
	smallText   = admit.SmallBytes
)

// shares divides the memory for requests. The largest query always fits into a participant's share,
// and the largest batch into that of a tenant's backends.
func (l *Limits) shares() *admit.Shares {
	each := max(l.RequestMemory/sharesOfAll, l.largestQuery())
	return admit.NewShares(admit.NewBudget(l.RequestMemory), each).
		WithGroups(max(l.RequestMemory/tenantsPart, l.largestText()))
}

// LeastRequestMemory is what the largest request takes, and two of the largest queries, so that one
// participant never has all; RequestMemory can't be less. In bytes.
func (l *Limits) LeastRequestMemory() int64 { return max(2*l.largestQuery(), l.largestText()) }

func (l *Limits) largestText() int64 {
	all := l.MaxBodyBytes + 1
	return max(l.largestQuery(), l.beatsLoad().Weight(all), l.messagesLoad().Weight(all), l.edgesLoad().Weight(all))
}

func (l *Limits) largestQuery() int64 { return l.queryLoad().Weight(l.MaxBodyBytes + 1) }

func (l *Limits) listLoad() admit.Load {
	return admit.Load{Shortest: len("a,"), Most: l.MaxIDs, Each: idBytes}
}

func (l *Limits) queryLoad() admit.Load {
	return admit.Load{Shortest: len(`"a",`), Most: l.MaxQueryIDs, Each: idBytes}
}

func (l *Limits) beatsLoad() admit.Load {
	return admit.Load{Shortest: len(`{"participant_id":"a","device_id":"b"},`), Most: l.MaxItems, Each: beatBytes}
}

func (l *Limits) messagesLoad() admit.Load {
	return admit.Load{Shortest: len(`{"participants":["a","b"]},`), Most: l.MaxItems, Each: messageBytes}
}

func (l *Limits) edgesLoad() admit.Load {
	const shortest = `{"participant_id":"a","viewer":"b","allow":true},`
	return admit.Load{Shortest: len(shortest), Most: l.MaxItems, Each: edgeBytes}
}

// What an id of a query, and a heartbeat, a direct message and an edge of a batch take besides
// their text; TestWeightIsHonest measures it.
const (
	idBytes      = 128
	beatBytes    = 384
	messageBytes = 1024
	edgeBytes    = 1408
	wrongBytes   = 1664 // one of which something is wrong
)

// room takes memory for a text that is not read yet.
func (c *call) room(text int) error {
	if text <= smallText {
		return nil
	}
	return c.grow(c.weigh(text))
}

// weigh is what a text of the call takes. No tenant's weighs more than the largest of any route, so
// what fits into a share fits for each of them: the largest texts have room to spare.
func (c *call) weigh(text int) int64 {
	load := c.route.load
	largest := load.Weight(c.s.config.Limits.MaxBodyBytes + 1)
	load.Front = c.tenant().Front()
	return min(load.Weight(text), largest)
}

// roomForItems takes memory for items of a batch that are shorter in the text than a good one can
// be, and for those that are wrong: to say what is wrong with one takes more than to carry it out.
// How many there are is known once all are decoded and checked.
func (c *call) roomForItems(items, wrong int) error {
	load, text := c.route.load, len(c.body)
	more := int64(max(items-text/load.Shortest, 0)*load.Each + wrong*max(wrongBytes-load.Each, 0))
	if more <= smallText {
		return nil
	}
	return c.grow(min(c.weigh(text)+more, c.s.config.Limits.largestText()) - c.hold.Bytes())
}

// seenRoom takes memory for the statuses of n participants, beside what the request has. In all it
// is no more than the largest query without them: that fits into a share, and whose ids fill such a
// one has padded it.
func (c *call) seenRoom(n int) error {
	size := int64(n) * wire.StatusBytes
	if size <= smallText {
		return nil
	}
	return c.grow(min(size, c.s.config.Limits.largestQuery()-c.hold.Bytes()))
}

func (c *call) grow(n int64) error {
	err := c.hold.Take(c.r.Context(), n, c.s.config.Limits.RoomWait)
	switch {
	case errors.Is(err, admit.ErrShare) && c.who.Service:
		return wire.Errorf(wire.Unavailable,
			"the requests of this tenant's backends have the %d bytes of memory that those of one may have; "+
				"send fewer at a time", c.hold.Most())
	case errors.Is(err, admit.ErrShare):
		return wire.Errorf(wire.Unavailable,
			"the participant's requests have the %d bytes of memory that one may have; "+
				"send fewer at a time", c.hold.Most())
	case err != nil:
		return wire.Errorf(wire.Unavailable,
			"no memory is left for a request of this size; send it again, or a smaller one")
	}
	return nil
}

// beginHold is for whom the call holds memory. A backend acts for many, and has no share to keep
// to. That of a tenant has one, together with the tenant's others: it must leave room for other
// tenants.
func (c *call) beginHold() {
	if c.who.Service {
		c.hold = c.s.shares.HoldAll(string(c.tenant().Participant("")))
		return
	}
	c.hold = c.s.shares.Hold(string(c.who.Participant))
}
