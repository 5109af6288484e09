package gateway

import (
	"strconv"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// getExport is GET /v1/participants/{participant}/export: all that is held of a participant. Its
// windows, blocks and edges count as ids do.
func getExport(c *call) error {
	ctx, cancel := c.reading()
	defer cancel()
	a, err := c.s.people.Account(ctx, c.of)
	if err != nil {
		return err
	}
	said, err := c.s.people.Said(ctx, c.of)
	if err != nil {
		return err
	}
	if err := c.payList(len(a.Windows) + len(said.Blocks) + len(said.Edges)); err != nil {
		return err
	}
	c.out = appendExport(c.out[:0], c.of, &a)
	c.out = append(appendSaid(c.out, &said), '}')
	return c.json(c.out)
}

func appendExport(b []byte, of tenant.Participant, a *cluster.Account) []byte {
	b = append(b, `{"participant_id":`...)
	b = wire.AppendString(b, of.ID())
	b = append(b, `,"kind":`...)
	if a.Kind == shard.KindUnset {
		b = append(b, "null"...)
	} else {
		b = wire.AppendString(b, a.Kind.String())
	}
	b = appendNamedTime(b, "registered_at", a.KindAt)
	b = append(b, `,"override":"`...)
	b = append(b, a.Override.String()...)
	b = append(b, '"')
	b = appendNamedTime(b, "override_at", a.OverrideAt)
	b = appendKeptSayings(b, a)
	b = appendNamedTime(b, "last_seen", a.LastSeen)
	b = appendNamedTime(b, "shown_last_seen", a.ShownSeen)
	b = append(b, `,"devices":[`...)
	for i := range a.Devices {
		b = appendKeptDevice(separate(b, i), &a.Devices[i])
	}
	b = append(b, `],"windows":[`...)
	for i := range a.Windows {
		b = appendKeptWindow(separate(b, i), &a.Windows[i])
	}
	return append(b, ']')
}

// appendKeptSayings is what the participant says of itself, and what is said for it.
func appendKeptSayings(b []byte, a *cluster.Account) []byte {
	b = wire.AppendMoment(append(b, `,"override_expires_at":`...), a.OverrideUntil)
	b = appendNamedText(b, "availability", availabilityName(a.Availability))
	b = appendKeptStatus(append(b, `,"status":`...), &a.Status)
	b = appendKeptStatus(append(b, `,"shown_status":`...), &a.Stood)
	return appendClaims(append(b, `,"busy":`...), a.Claims)
}

// availabilityName is empty if none was said.
func availabilityName(a shard.Availability) string {
	if a == shard.AvailabilityUnset {
		return ""
	}
	return a.String()
}

// appendKeptStatus writes a status with when it was said; null: none.
func appendKeptStatus(b []byte, s *cluster.KeptStatus) []byte {
	if s.Status == (shard.Status{}) {
		return append(b, "null"...)
	}
	b = wire.AppendStatus(b, &s.Status)
	b = appendNamedTime(b[:len(b)-1], "since", s.Since)
	return append(strconv.AppendBool(append(b, `,"public":`...), s.Public), '}')
}

// appendSaid is the part of an export about who may see the participant. The viewers of edges have
// no names: none is kept.
func appendSaid(b []byte, s *cluster.Said) []byte {
	b = append(b, `,"visibility":{"default":`...)
	b = appendSet(b, s.Set.Audience.String())
	b = append(b, `,"last_seen":`...)
	b = appendSet(b, s.Set.LastSeen.String())
	b = append(b, `},"blocks":[`...)
	for i, k := range s.Blocks {
		b = append(separate(b, i), `{"viewer":`...)
		b = appendNamedTime(wire.AppendString(b, k.Viewer), "since", k.Since)
		b = append(b, '}')
	}
	b = append(b, `],"edges":[`...)
	for i, e := range s.Edges {
		b = append(separate(b, i), `{"allow":`...)
		b = strconv.AppendBool(b, e.Allow == shard.Allow)
		b = appendNamedTime(appendNamedTime(b, "since", e.Since), "until", e.End)
		b = append(b, '}')
	}
	return appendOpaque(append(b, ']'), s.Opaque)
}

// appendOpaque writes how much of a newer version is held, if something is. What it means is known
// to that version alone.
func appendOpaque(b []byte, held shard.Opaque) []byte {
	if held.Facts == 0 {
		return b
	}
	b = strconv.AppendInt(append(b, `,"opaque_facts":{"count":`...), int64(held.Facts), 10)
	b = strconv.AppendInt(append(b, `,"bytes":`...), int64(held.Bytes), 10)
	return append(b, '}')
}

// appendSet writes a setting, null if it was not set.
func appendSet(b []byte, value string) []byte {
	if value == "" {
		return append(b, "null"...)
	}
	return wire.AppendString(b, value)
}

func appendKeptDevice(b []byte, d *cluster.KeptDevice) []byte {
	b = append(b, `{"device_id":`...)
	b = wire.AppendString(b, d.ID)
	b = append(b, `,"status":"`...)
	b = append(b, d.Standing.String()...)
	b = append(b, `","activity":"`...)
	b = append(b, d.Activity.String()...)
	b = append(b, '"')
	b = appendNamedTime(b, "last_seen", d.LastSeen)
	b = appendNamedTime(b, "since", d.Since)
	return append(b, '}')
}

func appendKeptWindow(b []byte, w *cluster.KeptWindow) []byte {
	b = append(b, `{"participant_id":`...)
	b = wire.AppendString(b, w.Peer)
	b = appendNamedTime(b, "at", w.At)
	b = appendNamedTime(b, "until", w.End)
	return append(b, '}')
}

func appendNamedTime(b []byte, name string, t time.Time) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return wire.AppendTime(b, t)
}

// separate writes the comma before all items of an array but the first.
func separate(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}
